//! The ways in which English asks for something, most particular first.
//!
//! A frame is a row of words: `a|b` is either, a trailing `?` may be missing, `%set` is a set of `words::SETS`, `<x>` is any
//! words, `{date}`, `{priority}`, `{tag}`, `{project}`, `{list}` a mark of that kind, and `{marks}` one or more of any kind. A
//! frame that begins with `~` is meant only if the task it names is there: "finish the report" is a note otherwise.

/// What a frame asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Add,
    Need,
    Schedule,
    List,
    Overview,
    Count,
    Find,
    Complete,
    Reopen,
    Restore,
    Delete,
    EmptyTrash,
    Rename,
    Change,
    Mark,
    Note,
    Unmark,
    Edit,
    Everything,
    Undo,
    Redo,
    History,
    Zone,
    Projects,
    Shopping,
    Help,
    Hello,
    Thanks,
    Who,
    Fine,
}

use Ask::{
    Add, Change, Complete, Count, Delete, Edit, EmptyTrash, Everything, Find, Fine, Hello, Help,
    History, List, Mark, Need, Note, Overview, Projects, Redo, Rename, Reopen, Restore, Schedule,
    Shopping, Thanks, Undo, Unmark, Who, Zone,
};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    // Nothing to do with a task.
    (Help, "help"),
    (Help, "help me"),
    (
        Help,
        "what i|you can|could|may ask|say|tell|do|answer|request <x>?",
    ),
    (
        Help,
        "tell me|us the? %sort? of? %topic areas? you|that|are <x>?",
    ),
    (
        Help,
        "tell|show me|us? about? your features|abilities|commands|skills|functions <x>?",
    ),
    (Help, "with? anything|something|everything i need|want"),
    (Help, "ask you about|all|any|anything|different <x>?"),
    (Help, "what can|could|would you|i <x>?"),
    (Help, "what else can|could you do <x>?"),
    (Help, "what do you do <x>?"),
    (Help, "how do|does|can|could|would|should i|you|this|it <x>"),
    (Help, "how to add|use|delete|create|set <x>"),
    (Help, "are you able|capable <x>"),
    (
        Help,
        "what|which %sort of? tasks|jobs can|could you|i do|complete|perform|handle <x>?",
    ),
    (Help, "is there a|any way to|of|for <x>"),
    (
        Help,
        "can i|you tag|label|prioritize|rename|undo|repeat|sort tasks|things|items",
    ),
    (
        Help,
        "can|could you set|make|create|handle|manage reminders|tasks|lists|todos",
    ),
    (Help, "commands|instructions|menu"),
    (Help, "how do|does you|this|it|sayso work"),
    (
        Help,
        "what are my|the|your list? of? commands|options|features|skills",
    ),
    (
        Help,
        "what|which|whats|what's is|are? the? %sort of? %topic <x>? i|you|to <y>?",
    ),
    (
        Help,
        "what|which|whats|what's is|are? the? %sort of? <x>? i|you can|could|may|should|would|might ask|say|tell|request|give|do <y>?",
    ),
    (
        Help,
        "what|which|whats|what's is|are? the? different|main? %topic|areas areas|area|or? %topic|areas? that|which? you <y>?",
    ),
    (
        Help,
        "are there certain|any|some %sort|%topic <x>? you|ask <y>?",
    ),
    (
        Help,
        "are you familiar|knowledgeable with|of|about|in any|all|certain|some? %sort? of? %topic <x>?",
    ),
    (
        Help,
        "what|which are? the? different? %topic <x>? you|i can|could|may|might|should|would|do|are|know|am|help|answer|like|be <y>?",
    ),
    (
        Help,
        "what|which %topic|areas or? %topic|areas? are|can|could|do|may|might|should|would|am|if? you|i <y>?",
    ),
    (
        Help,
        "what|which tasks|jobs can|could you do|complete|perform|handle|carry <y>?",
    ),
    (Help, "what would|could|might|should you be able to do <x>?"),
    (
        Help,
        "what|which %topic|areas? you are|know|can|handle|understand|answer|like <x>?",
    ),
    (
        Help,
        "%topic|areas area|areas? you are|know|can|handle|understand|answer|like <x>?",
    ),
    (Help, "the? %sort of? %topic are? you are? <x>"),
    (
        Help,
        "how|where can|could|do|should i|we use|talk|work|start|begin with|to? you|this|it|sayso|started",
    ),
    (
        Help,
        "how can|could|do|would|will you help|assist|serve|support <x>?",
    ),
    (
        Help,
        "can|could|may i ask you about|all|any|different|anything <x>?",
    ),
    (Help, "what can|should|could|may i say|type|write|ask <x>?"),
    (
        Help,
        "what commands|features|skills|tricks are there|available <x>?",
    ),
    (
        Help,
        "%show? me? the|your|all|some|a|few? list? of? commands|instructions|examples|features|help",
    ),
    (Help, "what are my|the|your list of commands|options"),
    (Help, "i need|want some? help|instructions"),
    (
        Help,
        "i don't|dont|do not know|understand what|how to do|use|say|type <x>?",
    ),
    (
        Help,
        "how do|does|to? tags|labels|priorities|reminders|repeats|projects|dates|filters|recurring work|function? <x>?",
    ),
    (
        Help,
        "can|could i|you|we do|use|have|handle|set|understand|make|support tags|labels|priorities|repeats|projects|recurring|repeating|deadlines|dates|subtasks|reminders tasks|dates? <x>?",
    ),
    (
        Help,
        "can|could i|we undo|change|delete|edit|sort|tag|repeat things|tasks|something|changes",
    ),
    (
        Help,
        "help me? to? how|make|create|add|set a|an|the new? task|reminder|list up? <x>?",
    ),
    (
        Help,
        "what|which are you able|capable|programmed|familiar|allowed|designed|made|knowledgeable <x>?",
    ),
    (Help, "what am i able|allowed to <x>"),
    (Help, "what do you have answers <x>?"),
    (Help, "what you can help|do|answer <x>?"),
    (Help, "what you are|do|know capable|able|familiar <x>"),
    (Help, "can|could i ask you <x>"),
    (
        Help,
        "is there anything|something i|you can't|cannot|can|could <x>",
    ),
    (
        Help,
        "can|could|would you help me|us with|to? anything|something|things|stuff <x>?",
    ),
    (Help, "can i ask <x>"),
    (Help, "give me|us? some|an? examples|example of <x>"),
    (
        Help,
        "what knowledge|skills|abilities|capabilities|features <x>",
    ),
    (Hello, "good morning|afternoon|evening|day|night"),
    (
        Hello,
        "hello|hi|hey|hiya|howdy|yo there|again|all|everyone|sayso?",
    ),
    (Hello, "how are you <x>?"),
    (Hello, "what's|whats up|new|happening|good with? you?"),
    (Hello, "how is|how's|hows it|everything going with? you?"),
    (Hello, "how is|how's|hows everything with you"),
    (Hello, "how do you do"),
    (
        Hello,
        "nice|good|pleased|pleasure to meet|see|meeting you <x>?",
    ),
    (Thanks, "thanks|thx|cheers|ty|thankyou|gracias <x>?"),
    (Thanks, "thank you <x>?"),
    (Thanks, "i appreciate|thank <x>"),
    (Thanks, "many thanks <x>?"),
    (Thanks, "i want|wanted to thank <x>"),
    (Thanks, "i owe you <x>?"),
    (Who, "who|what are you <x>?"),
    (Who, "who is this|that|speaking"),
    (Who, "what's|whats|what is your name|job"),
    (Who, "are you a|an|human|real|alive|robot|there|made <x>?"),
    (Who, "do you have|got a name"),
    (Who, "can|may i ask|know|have your name"),
    (Who, "what should|do|can i call you"),
    (Who, "who made|built|created|wrote you <x>?"),
    (Who, "where are you <x>?"),
    (Who, "how old are you <x>?"),
    (
        Fine,
        "cool|great|nice|good|perfect|awesome|alright|understood|fine|wonderful|excellent|lovely|brilliant",
    ),
    (
        Fine,
        "cool|great|nice|good|perfect|awesome|all looks|job|work|stuff|one|done|good",
    ),
    (Fine, "got it"),
    (Fine, "no problem|worries"),
    (Fine, "bye|goodbye|cya|farewell <x>?"),
    (Fine, "see you|ya <x>?"),
    (Fine, "i must|have|need to? say|go goodbye|bye|now?"),
    (Fine, "well done"),
    (Fine, "never mind"),
    (Fine, "talk to you later|soon|tomorrow?"),
    (Fine, "have a good|nice|great <x>"),
    (
        Fine,
        "it was|it's|its|been? nice|good|great talking|chatting|to <x>",
    ),
    (Fine, "catch|talk you later"),
    // Taking back.
    (Redo, "undo the|that|my|last? last? undo"),
    (Undo, "undo|un-do please|now|again?"),
    (
        Undo,
        "undo|un-do it|that|this|everything|what|whatever|my|the|your|last|previous|all|both|those|these|them , <x>?",
    ),
    (
        Undo,
        "undo|un-do it|that|this|everything|what|whatever|last|previous|all|both|those|these|them <x>?",
    ),
    (
        Undo,
        "undo|un-do my|the|your last|previous|latest|most|change|changes|action|actions|delete|deletion|edit|add|addition|completion|move|rename|update|two|three|thing|things <x>?",
    ),
    (Undo, "undo|un-do one|two|three|1|2|3 <x>?"),
    (Undo, "scratch that"),
    (Undo, "put that|it|this back the|as|how|to <x>?"),
    (
        Undo,
        "wrong one|task|thing ,|;? put|bring|get|undo it|that|them back?",
    ),
    (Undo, "i didn't|didnt mean to do? that|it|this"),
    (
        Undo,
        "i deleted|removed|completed|changed|marked the wrong one|task|thing ,|;|so? please? restore|undo|revert|bring|put|get it|that <x>?",
    ),
    (
        Undo,
        "revert|reverse|rollback it|that|this|the|my|last|previous|change|changes|action <x>?",
    ),
    (Undo, "revert"),
    (Undo, "roll|walk it|that|this|the|my back <x>?"),
    (Undo, "roll back <x>?"),
    (Undo, "take it|that|this back again?"),
    (
        Undo,
        "take back the|that|my? last? delete|deletion|change|action|add|addition|edit|one|it|that|completion|update|rename|move <x>?",
    ),
    (Undo, "take back what <x>"),
    (Undo, "take back"),
    (Undo, "go back"),
    (Undo, "go back ,|to|i|please|a|one|and <x>"),
    (Undo, "oops|whoops|mistake"),
    (Undo, "that|it was a|my mistake|accident|wrong|error <x>?"),
    (Undo, "i didn't|didnt|did not mean|want to|that <x>?"),
    (
        Undo,
        "bring|put|get it|that|them|this|those|everything back",
    ),
    (
        Undo,
        "cancel that|the|my last? change|action|edit|delete|deletion",
    ),
    (Undo, "cancel the|my? last change|action|one|thing"),
    (Undo, "put it back as|how|the <x>?"),
    (Undo, "un-delete|undelete it|that|them"),
    (Undo, "bring|put|get back what <x>"),
    (Undo, "restore it|that|them|what i|we? just? deleted?"),
    (
        Undo,
        "restore the last? task|tasks|thing|one|item i|we just? deleted|removed",
    ),
    (
        Undo,
        "i deleted|removed|completed|changed the? wrong|it <x>",
    ),
    (Undo, "never mind that last? one?"),
    (Undo, "no , go back"),
    (Redo, "do it again after? all?"),
    (Redo, "redo it|that|this|the|last|change|again|my? <x>?"),
    (Redo, "do it|that again"),
    (
        History,
        "what did i|you|we change|do|just|delete|edit lately|recently|today|yesterday|last?",
    ),
    (
        History,
        "what|what's has? changed|happened lately|recently|today|yesterday?",
    ),
    (
        History,
        "what was|is the|my last|latest|recent|most change|thing|action <x>?",
    ),
    (
        History,
        "%show? me? the|my? history|activity|journal|changes|log of|for? today|tasks|changes|my? list?",
    ),
    (
        History,
        "what have you|i done|changed|did just|lately|recently|so?",
    ),
    (
        History,
        "what did|have|has i|you|we|sayso just|last|recently? change|changed|do|done|edit|edited just|lately|recently|today|yesterday|now|last|so|far? far?",
    ),
    (
        History,
        "%show me? the|my|any|all|your? recent|latest|last? changes|activity|edits|history",
    ),
    (Zone, "my time zone|timezone is|= <x>"),
    (
        Zone,
        "set|change|switch|update my|the? time zone|timezone to|as|: <x>",
    ),
    (
        Zone,
        "set|change|switch|update my|the? timezone to|as|: <x>",
    ),
    (Zone, "my timezone is|= <x>"),
    (Zone, "i'm|im|i live|am|are in time zone|timezone <x>"),
    (Projects, "%show? me? my|the|all? projects"),
    (
        Projects,
        "what|which|%hear <x>? lists available|there|have|made|created|are|is|exist|names|queried <y>?",
    ),
    (Projects, "what|which all? lists are|do|have|exist <y>?"),
    (
        Projects,
        "%hear available|all|my|the? my? list|lists names|name",
    ),
    (Projects, "%hear available|all lists"),
    (Projects, "what|which projects do i have|are there?"),
    (Projects, "what are my projects"),
    // Deleting in words that mean something else by themselves ("get", "done"): before adding and completing.
    // The trash.
    (EmptyTrash, "empty|clear|purge out? the|my? trash|bin"),
    (EmptyTrash, "delete everything|all in|from the|my trash|bin"),
    (EmptyTrash, "delete the trash|bin permanently|forever?"),
    (
        Restore,
        "restore|recover|undelete everything|all from|in|out of? the|my trash|bin",
    ),
    (
        Restore,
        "pull|fish|get|bring|take <task> back? from|out of? the|my trash|bin",
    ),
    (
        Restore,
        "take|get|bring|put|move <task> out of the? trash|bin",
    ),
    (
        Restore,
        "restore|undelete|un-delete|recover <task> from|out? of? the? trash|bin?",
    ),
    (Restore, "bring|get|put <task> back from the? trash|bin"),
    (Restore, "~bring|get back <task>"),
    (Restore, "~bring|get <task> back"),
    // Open again: before what is done, whose words it uses.
    (
        Reopen,
        "reopen|re-open|uncomplete|uncheck|un-check|untick|un-tick|unmark|un-mark|unfinish|reactivate|re-activate <task>",
    ),
    (
        Reopen,
        "%make the? status|state of <task> as|to|be? not|incomplete|pending|undone|open|to-do|todo|unfinished %done?",
    ),
    (Reopen, "%make <task> as|to|be|is? not|in|un %done yet?"),
    (
        Reopen,
        "%make <task> as|to|be? incomplete|pending|undone|unfinished|open|todo|to-do|active|uncompleted|outstanding again?",
    ),
    (
        Reopen,
        "%make status|state of? <task> as|to|be? not|incomplete|pending|undone|open|to-do|todo|unfinished %done?",
    ),
    (
        Reopen,
        "%make <task> back|from to|from? incomplete|pending|undone|open|todo|to-do|active|done|completed|complete to? incomplete|pending|undone|open|todo|to-do|active?",
    ),
    (
        Reopen,
        "mark as not|incomplete|undone|pending|open %done? :? <task>",
    ),
    (Reopen, "not %done yet? :|- <task>"),
    (
        Reopen,
        "i|we haven't|didn't|didnt|havent actually|really|yet? %done|do|did|pay|paid|buy|bought|call|called|send|sent|clean|cleaned|done|fix|fixed|book|booked|submit|submitted|water|watered|mark <task> yet|after|all|actually|though? all? ,|so|please? uncheck|untick|reopen|undo|unmark? it|that?",
    ),
    (
        Reopen,
        "i|we did|have not actually|really|yet? %done|do|did|pay|paid|buy|bought|call|called|send|sent|clean|cleaned|done|fix|fixed|book|booked|submit|submitted <task> yet|after|all|actually|though? all? ,|so|please? uncheck|untick|reopen|undo|unmark? it|that?",
    ),
    (
        Reopen,
        "i still need|have|must to? do|finish|complete <task> , i|it <x>",
    ),
    (
        Reopen,
        "<task> isn't|isnt|aren't|wasn't|weren't actually|really? %done|paid|bought|ready|over yet|after|actually? all?",
    ),
    (
        Reopen,
        "<task> is|are|was not actually|really|yet? %done|paid|bought yet|after|actually? all?",
    ),
    (
        Reopen,
        "<task> hasn't|hasnt|haven't been actually|really? %done|paid|bought|sent yet|after|actually? all?",
    ),
    (Reopen, "<task> still needs|need to be? %done|doing"),
    (Reopen, "un-complete|un-mark|un-done|undone <task>"),
    (
        Reopen,
        "~<task> isn't|isnt|aren't|arent clean|ready|there|over|sorted|fixed|written|here yet?",
    ),
    (
        Reopen,
        "<task> not %done|paid|sent|bought|called|cleaned|fixed|booked|ready yet|after|actually all?",
    ),
    (
        Reopen,
        "<task> was|got|has marked|ticked|checked|completed|been as? %done|off|complete? by|in mistake|error|accident",
    ),
    (
        Reopen,
        "<task> should still? be|stay still? open|pending|active",
    ),
    (Reopen, "return <task> back? {list}"),
    (Reopen, "move|put <task> back {list} ,? <x>?"),
    (Reopen, "~put|bring <task> back <x>"),
    (
        Reopen,
        "bring|get back the? <task> task|one? i|we completed|finished|did|marked|ticked <x>?",
    ),
    (Reopen, "%past is|was not|isn't true|right|correct"),
    (Reopen, "open <task> again"),
    (Reopen, "~bring|put|move|get|return back <task> {list} <x>?"),
    (Reopen, "~bring|put|move|get|return <task> back {list} <x>?"),
    (
        Reopen,
        "~bring|put|get back <task> i completed|finished|did|marked",
    ),
    (
        Reopen,
        "~return|move|put <task> to|as active|pending|open|todo|to-do",
    ),
    (
        Reopen,
        "take|remove the? check|checkmark|tick|mark off|from|of <task>",
    ),
    (
        Reopen,
        "<task> , i|it marked|was marked? it|them? done|complete|completed|finished? by|in mistake|error|accident",
    ),
    // More about a task: before what is done, and before adding.
    (
        Note,
        "add|put|attach|append|write|leave a|an|the|this|some? note|notes|description|comment|detail|details to|on|for|about|in the|my? <task> that|saying|:|,|- <note>",
    ),
    (
        Note,
        "set|change|update the? note|notes|description|comment of|on|for <task> to|: <note>",
    ),
    (
        Note,
        "note|notes|description|details for|on|of <task> is|:|= <note>",
    ),
    (Note, "<task> : note|notes|description : <note>"),
    (Note, "describe <task> as|: <note>"),
    (
        Note,
        "add|append <note> to|in|into the|my? <task> reminder|task|todo|entry {date}?",
    ),
    (Note, "~add|append <note> to %task|number <number>"),
    (
        Mark,
        "%move|add|file|put|assign <task> from <y> to|into the|my? <project> project|list?",
    ),
    (
        Mark,
        "%move|file|put|assign <task> to|in|into|under the|my? <project> project|list?",
    ),
    (Unmark, "untag|unlabel <task>"),
    (
        Unmark,
        "remove|delete|take|drop the? <tags> tag|label|tags|labels from|off|of <task>",
    ),
    (Mark, "tag|label {tag} <task>"),
    (Mark, "tag|label <task> {tag}"),
    (Mark, "tag|label <task> as|with|by <tags>"),
    (Mark, "tag|label it|that|this as|with|by? <tags>"),
    (Mark, "tag|label <task> <tag>"),
    (
        Mark,
        "add|put|attach|apply the|a? tag|label|tags|labels <tags> to|on <task>",
    ),
    (Mark, "add|put {tag} to|on <task>"),
    (
        Mark,
        "%move|add <task> to|in|into|under the|my? {project} project|list?",
    ),
    (
        Mark,
        "%move|add <task> to|in|into|under the|my? project <project>",
    ),
    (
        Mark,
        "%move <task> to|in|into|under the|my? <project> project",
    ),
    (Mark, "move|file <task> {list}"),
    (
        Unmark,
        "remove|clear|delete|drop|take|unset|cancel off? the|its|any|that? due? date|deadline|time from|of|for|off|on <task>",
    ),
    (
        Unmark,
        "no due? deadline|date on|for <task> anymore|any|now? more?",
    ),
    (
        Unmark,
        "remove|clear|delete|drop|unset|take the|its|any? priority from|of|for|off|on <task>",
    ),
    (Unmark, "stop repeating <task>"),
    (Unmark, "make <task> not|stop repeat|repeating|recurring"),
    (
        Unmark,
        "remove|delete|take|drop the? tag|label {tag} from|off <task>",
    ),
    (
        Unmark,
        "remove|delete|take|drop the? tag|label <tags> from|off <task>",
    ),
    (Unmark, "remove|take|drop {tag} from|off <task>"),
    (Unmark, "untag|unlabel <task> <x>?"),
    (
        Unmark,
        "<task> has no due? date|deadline|priority anymore|now?",
    ),
    (
        Delete,
        "i|we no longer need|have|want to? be reminded to|about|of <task>",
    ),
    (
        Delete,
        "turn|switch|shut off the|my reminder|reminders|alert|alerts to|for|about|of <task>",
    ),
    (Delete, "start {list} over|fresh|again <x>?"),
    (
        Delete,
        "no|not need|point|reason to? <task> anymore|any|now|longer? more?",
    ),
    (
        Delete,
        "there's|there is no need|point|reason to? <task> anymore|any|now? more?",
    ),
    (Delete, "i|we no longer need|have|want to? <task>"),
    (Delete, "call off the|my? <task>"),
    (
        Delete,
        "~<task> is|are|was|were|has|have been? cancelled|canceled|off",
    ),
    (
        Delete,
        "i|we cancelled|canceled <task> ,|so|; so|please? please? delete|remove|cancel <x>",
    ),
    (
        Delete,
        "i|we don't|dont|no need|longer need? <task> anymore|any? more? ,|so|;? so|please? delete|remove|cancel that|the|my|its reminder|task|alert|one?",
    ),
    (Delete, "~forget <task>"),
    // Deleting in words that would look like adding.
    (Delete, "get rid of|off {list}"),
    (Delete, "get rid of|off <task> off|from? {list}?"),
    (Delete, "get rid <task>"),
    (Delete, "throw|chuck|toss away|out {list}"),
    (
        Everything,
        "i|we need|want|have {list} read|recited|told|shown|back <x>?",
    ),
    (
        Everything,
        "what|whats|what's|which <x>? i|you <x>? remember|remind|forget|mind <x>?",
    ),
    (
        Everything,
        "%hear <x>? things|everything|items|what <x>? i|you <x>? remember|remind|forget|mind <x>?",
    ),
    (Everything, "refresh my memory <x>?"),
    (
        Change,
        "remind me|us about|of|to|that <task> {marks} instead of {marks}",
    ),
    (
        Edit,
        "<task> should|needs|must|has|have|need to? be? changed|updated|edited|modified|moved|rescheduled <x>?",
    ),
    (
        Change,
        "set|put|give|add a|an|the due|deadline|date date|time? of|to|on|for? {marks} for|on|to|of <task>",
    ),
    (
        Change,
        "set|put|give|add a|an|the due|deadline|date date|time? to|on|for|of <task> :|to|of|for|as|on? {marks}",
    ),
    (
        Note,
        "add|append to the|my? <task> task|reminder|todo that|:|, <note>",
    ),
    // Looking, in words of adding.
    (Count, "remind me|us of? how many <x>"),
    (
        Find,
        "get|show|give|read me|us? my|the|our %reminder to|for|about|of <task>",
    ),
    // Adding, where nothing else can be meant.
    (
        Add,
        "remind|reminder me|us|myself again|later|please|also? to|that|about|of|for|: <title>",
    ),
    (
        Add,
        "remind|reminder me|us|myself when|before|after|if|i|why|where? <title>",
    ),
    (Add, "remind|reminder me|us again|later|please?"),
    (Add, "remind me|us <title>"),
    (
        Add,
        "remind us|my|her|him|them|everyone to|that|about|of <title>",
    ),
    (
        Add,
        "alert|notify|ping|nudge|prompt me|us later|again? to|about|of|before|when <title>",
    ),
    (Add, "alert|notify me|us <title>"),
    (Add, "you need to remind me|us to|about <title>"),
    (
        Add,
        "set|create|make|put|add up? a|an|the|my? %reminder|calendar and|to? a|an? %reminder? to remind|alert|tell|notify me|us {marks}? to|about|of|that? <title>",
    ),
    (
        Add,
        "send a|an %reminder to me|us <x>? to|about remind? me|us? to|about|not? <title>",
    ),
    (
        Add,
        "i|we need|want|would like? a|an %reminder to|that remind|alert|tell me|us to|about|of|that? <title>",
    ),
    (
        Add,
        "%set up? a|an %reminder and|or a|an? %reminder to|for|about|that <title>",
    ),
    (
        Add,
        "%set up|me|us? a|an|another|the|my? {marks} %reminder to|for|about|that? <title>",
    ),
    (
        Add,
        "i|we need|want|have to? <title> ;|,|so|and so|please|also? add|put|include it|them|that|this|those <x>?",
    ),
    (
        Add,
        "<title> ,|so|please|;|and? please? remind|alert me|us about|of|to? it|this|that|them? <x>?",
    ),
    (
        Add,
        "%set up|me|us? a|an|another|the|that|s|my|one? %kind? %kind? %reminder|reminders for me|us|myself to|that|about|of? <title>",
    ),
    (
        Add,
        "%set up|me|us? a|an|another|the|that|s|my|one? %kind? %kind? %reminder|reminders so|because that? i? don't? forget? <title>",
    ),
    (
        Add,
        "%set up|me|us? a|an|another|the|that|s|my|one? %kind? %kind? %reminder|reminders to|for|about|that|of|saying|called|:|-|at? <title>?",
    ),
    (Add, "%set up|me|us? a|an|another <title> reminder"),
    (
        Add,
        "set my|the calendar|alarm to remind me|us to|about|of? <title>",
    ),
    (
        Add,
        "<title> ;|,|so|and set|make|create up? a|me|another? %kind? reminder for|me|about? me|us|it|that? <x>?",
    ),
    (
        Add,
        "i|we need|want|would|like to? have|get|set|be? a|an %kind? reminder set|made? to|for|about|that|of? <title>?",
    ),
    (
        Add,
        "i|we need|want to? be? reminded to|about|of|that? <title>?",
    ),
    (Add, "be reminded to|about|of|that? <title>?"),
    (
        Add,
        "have|get a %kind? reminder made|set|for|to|about? <title>?",
    ),
    (
        Find,
        "%hear up? the? location|time|date|details|place for|of <task> %reminder",
    ),
    (Add, "%add <title> {list} ,? no rush|hurry|urgency ,?"),
    (
        Add,
        "<x> ;|,|.|and so|please|can|could|will|would? you? please? remind|alert me|us {marks}? to|about|that|of <title>",
    ),
    (
        Add,
        "<title> ,|;|. so|please|can|could|will|would you|please? please? remind|alert me|us <x>?",
    ),
    (
        Add,
        "<title> .|;|, set|create|make|add a|an|the %reminder to? remind? me|us? <x>?",
    ),
    (
        Add,
        "put|write|jot|note down a|an %reminder|note to|for|about|that|of <title>",
    ),
    (
        Add,
        "add|create|make|put|set|new up? a|an? {priority} %task to|for|:|called? <title>",
    ),
    (
        Add,
        "%add <title> to|in|into|under the|my? <project> project|list?",
    ),
    (
        Add,
        "in|for|under the? <project> project|list? ,|:? %add <title>",
    ),
    (Add, "task for <project> : <title>"),
    (Add, "reminder {marks}? to|for|that|about|of|: <title>"),
    (
        Add,
        "send|give|drop|shoot|issue me|us a|an? %kind? %reminder {marks}? to|for|about|that|of|saying <title>",
    ),
    (
        Add,
        "start|begin|keep reminding|alerting|notifying me|us {marks}? about|to|of|that <title>",
    ),
    (
        Add,
        "tell|nag|bug|warn me|us later|again? {marks}? to <title>",
    ),
    (Add, "mark {list} that|for|with|as? <title>"),
    (Add, "mark that i|we|there <title>"),
    (Add, "put|stick|write <title> on|onto that|it|there"),
    (Add, "include|add|put|write this|an|a item|task|one|entry"),
    (Add, "i|we could use|do some? more? <title>"),
    (Add, "pencil|note|jot in <title>"),
    (Add, "pencil <title> in"),
    (
        Add,
        "add|create|make|put a|an|new? new? %task for me|us to <title>",
    ),
    (Add, "to do :|- <title>"),
    (Add, "task|todo|to-do|note -|– <title>"),
    (Add, "todo|to-do <title>"),
    (Add, "add|create|new task|todo <title>"),
    (Add, "make|be sure|certain that? i|we <title>"),
    (Add, "make|be sure|certain to <title>"),
    (Add, "{priority} : <title>"),
    (
        Add,
        "don't|dont|do not? let me|us forget to|about|that? <title>",
    ),
    (
        Add,
        "don't|dont|do not? want to? forget to|about|that? <title>",
    ),
    (Add, "i|we don't|dont want to forget to|about|that? <title>"),
    (Add, "don't|dont|never forget to|about|that? <title>"),
    (Add, "do not forget to|about|that? <title>"),
    (Add, "remember|rmbr to <title>"),
    (Add, "note to self :|,|-? <title>"),
    (Add, "make|take a? note to|that|of|about|for|:? <title>"),
    (Add, "make a? note : <title>"),
    (Add, "todo|task|to-do|note|reminder|tasks : <title>"),
    (
        Add,
        "new|another %task :|-|,|called|named|titled|to|saying? <title>",
    ),
    (
        Add,
        "{list} ,|:|please|also|could|you|can|i? ,|please|you|also|want|need? %add|have|need|needs|get|must|include <title> on|too? it?",
    ),
    (Add, "%add|need {list} :|,|that|i|the? i? need? <title>"),
    (
        Add,
        "%add something|an|a|some|new|another|this|that|it|these? item|items|event|thing|entry|something|task|one? {list}",
    ),
    (
        Add,
        "%add <title> {list} cause|because|cuz|as|since|i|i'm|im|we|we're|if|when|it|too|also|for|so|then|by <x>?",
    ),
    (Add, "%add <title> {list}"),
    (Add, "%add down <title> {list}?"),
    (Add, "update {list} with|and <title>"),
    (
        Add,
        "<title> should|needs|need|has|have|must|ought|can also? to? also? be|go|get|added|put|on added|put|placed|included? {list}",
    ),
    (
        Add,
        "i|we need|want|would|like <title> added|put|placed|included|written|to be|go? added|put|placed? {list}",
    ),
    (Add, "i|we need|want more|some|a? <title> {list}"),
    (
        Add,
        "i'm|im|i|we're|we am|are|ran|just|think|almost|nearly? i? ran|almost|all|used|totally|running? out|low|up of|on <title> ,|;|so|and|please|to|can|could|will|would|you|i? please|will|can|you|need|i|them|to? please|you|i|to? %add|put|get|be|need|want <x>",
    ),
    (
        Add,
        "i|we don't have any more? <title> ,|;|so|please? please? add|put <x>",
    ),
    (
        Add,
        "i|we need|want <title> ;|,|so please? add|put it|them|that|some <x>?",
    ),
    (
        Add,
        "is|are|do|does|if|see the? <title> {list} ,|already|yet? ,? if not|isn't|aren't|no ,|please|go? please|ahead|go|not? ahead|and? and? add|put|it <y>?",
    ),
    (Add, "is|are <title> {list} ,|or? add|put|not <y>"),
    (
        Add,
        "if <title> isn't|aren't|not|is|are not|already? {list} ,|already|yet? please|go|then|can? ahead|you? and? add|put <y>?",
    ),
    (
        Add,
        "make|be sure|certain that|to? <title> is|are|gets|goes|be {list}",
    ),
    (
        Add,
        "{list} should|needs|must|ought|has to? also|to? have|include|contain|get|list <title> on|added|too? it?",
    ),
    (Add, "mark|write|jot|note|log down <title> {list}?"),
    (
        Add,
        "add|create|put|insert|new|jot|start|make me|us? a|an|another|the|one|some? new? %task|note|tasks|todos|items to|for|called|named|titled|saying|that|about|:|-|,|with|which? the? title|name? <title>",
    ),
    (
        Add,
        "add|create|put|insert|new|jot|start|make me|us? a|an|another|the|one|some? new? %task|note|something|tasks|todos|items|thing",
    ),
    (Add, "add|insert|jot|append :|,? <title>?"),
    (Add, "add|insert|jot|write|put|note down <title>?"),
    (
        Add,
        "put|place|throw|stick|add|include <title> on|in|to %task|%tasks",
    ),
    (
        Add,
        "put|place|add|include|write|new|enter|log something|anything|it|this",
    ),
    (
        Add,
        "i|we need|have|want|ought|got|must|should|supposed to? remember|note|recall to|that? <title>",
    ),
    (Add, "{marks} remind me|us to|that|about|of? <title>"),
    // Done.
    (
        Complete,
        "%make the? status|state of <task> as|to|be? %done",
    ),
    (
        Complete,
        "%make <task> as|to|be|is|off|with? already|fully? as? %done|ticked|checked already?",
    ),
    (Complete, "%make status|state of? <task> as|to|be? %done"),
    (Complete, "mark as %done :? <task>"),
    (Complete, "mark off <task> {list}?"),
    (
        Complete,
        "check|tick|cross|strike|mark|scratch <task> off|out|of as? %done? {list}?",
    ),
    (
        Complete,
        "check|tick|cross|strike|mark|scratch off|out <task> {list}?",
    ),
    (Complete, "check|tick|cross|strike <task> {list}"),
    (Complete, "~check|tick <task>"),
    (
        Complete,
        "i'm|im|i|am|we're|we are|all done|finished|through with|on? <task>",
    ),
    (
        Complete,
        "all? done|finished|completed|complete|finish|finishing with|on|:|- <task>",
    ),
    (Complete, "got it done|finished|completed :|-|, <task>"),
    (
        Complete,
        "i|i've|we|we've have|just|already|finally? have|just|already|finally? %past <task> ,|so|and|; so|and|please? please? remove|take|cross|delete|check|tick it|that|them off|from? {list}?",
    ),
    (
        Complete,
        "i|i've|ive|we|we've have|had|did|just|already|finally|also|now|actually? have|just|already|finally|also|now? %past up|off|out|to|in|away|through|with? <task>",
    ),
    (
        Complete,
        "just|already|finally %past up|off|out|with? <task>",
    ),
    (Complete, "i|we just|already|finally? did the|my <task>"),
    (
        Complete,
        "~i|i've|ive|we|we've just|already|finally? got|did|read|put|set|cut <task>",
    ),
    (Complete, "%past up|off|out <task>"),
    (
        Complete,
        "~got|grabbed|sorted|handled <task> already|now|today?",
    ),
    (Complete, "~%past <task>"),
    (Complete, "done|complete|completed|finished <task>"),
    (Complete, "~finish <task>"),
    (Complete, "~close|resolve out? <task>"),
    (
        Complete,
        "<task> is|are|was|were|'s|got now|all|already|finally? %done|ticked now|already?",
    ),
    (Complete, "<task> has|have been|now|already? been? %done"),
    (Complete, "<task> done|completed|complete|finished"),
    (Complete, "~<task> is|are|was|has|have been? %past"),
    (Complete, "got <task> done|finished|completed"),
    (
        Complete,
        "that's|thats|that is? done|finished|it|completed with|for? <task>",
    ),
    (Complete, "knock|knocked <task> off <x>?"),
    (Complete, "tick <task>"),
    // Changing.
    (
        Delete,
        "<task> should|needs|need|must|can|has to? be? deleted|removed|cancelled|canceled|erased|gone|dropped|taken|cleared off|from|of|out? {list}?",
    ),
    (
        Delete,
        "<task> should|needs|need|must|can|has to? be? deleted|removed|erased|taken off|from list|lists",
    ),
    (
        Delete,
        "get|have <task> removed|deleted|erased|taken|cleared off|from|out? {list}?",
    ),
    (
        Edit,
        "remove|take|delete|drop <x> from|off the|my <task> reminder|task ,? <y>?",
    ),
    (
        Delete,
        "%delete <task> , it's|its|it|i've|i|i'm|because|since|as|cause|she|he|they|we <x>",
    ),
    (Delete, "%delete that|this|it one? {list}"),
    (Delete, "scratch that|this|it one? {list}"),
    (
        Delete,
        "<x> ,|. so? i|we no|don't|dont longer? need|want the|my? <task> anymore|any? more?",
    ),
    (Delete, "<x> ,|. so please? %delete <task>"),
    (Delete, "i'm|i|we're|we <x> so please %delete <task>"),
    (
        Change,
        "<task> needs|should|must|has to? be? due? {marks} and? not|instead of? {marks}",
    ),
    (
        Rename,
        "rename|retitle|reword|call|rephrase <task> to|as|into|: <title>",
    ),
    (Rename, "replace <task> with|by <title>"),
    (
        Rename,
        "update|change|edit|modify|make|fix <task> to|so it|that? it? say|says|read|reads <title>",
    ),
    (
        Rename,
        "change|update|edit|set|make the? title|name|wording|text of|for|on <task> to|:|as <title>",
    ),
    (
        Rename,
        "change|update|edit <task> title|name|wording to|: <title>",
    ),
    (
        Rename,
        "<task> should be|say called|named|read|titled? <title>",
    ),
    (Rename, "change <task> so that? it says|reads <title>"),
    (
        Unmark,
        "no due|deadline|date|time date|time? on|for <task> anymore|any|now? more?",
    ),
    (
        Unmark,
        "<task> should|must|need|does|do shouldn't|not|n't? repeat|recur anymore|any|again? more?",
    ),
    (
        Unmark,
        "<task> shouldn't|doesn't|needn't|doesnt|shouldnt have|need|repeat|recur to? repeat? a? due|deadline|date? date? anymore|any|again? more?",
    ),
    (
        Change,
        "<task> can|could|should|will|must|has|have|needs wait|happen|move|go|be to? be|wait|move? until|till|to|on|for? {marks}",
    ),
    (
        Change,
        "<task> is|are|was isn't|aren't|not|only? due|until|till|not until|till|before? {marks}",
    ),
    (
        Change,
        "~<task> isn't|aren't due|needed until|till|before {marks}",
    ),
    (Change, "{marks} for|on <task>"),
    (Change, "~do|move <task> {marks}"),
    (
        Change,
        "~can|could|should|shall|let's i|we do|have|make|move <task> {marks}",
    ),
    (
        Change,
        "let's|lets do|have|make|move <task> to|on|for|at? {marks} instead?",
    ),
    (Change, "~<task> due {marks}"),
    (
        Change,
        "~put|set|make everything|all with|without no|any? due|deadline|date date? on|for|to {marks}",
    ),
    (
        Change,
        "change|update|move|set|push|make|shift the? time|date|day|due|deadline|reminder date|time? of|for|on <task> to|as|:|until {marks}",
    ),
    (
        Change,
        "%make|give|raise|lower|increase|bump|reduce|drop|up the? priority of|for|on|to <task> to|as|:|by? {marks}",
    ),
    (
        Change,
        "%make|push the? due|deadline date|time? of|for|on <task> to|as|:|back|until? {marks}",
    ),
    (
        Change,
        "priority of|for <task> should|is|must|to be|:? {marks}",
    ),
    (
        Change,
        "mark|flag|label|rank|rate|prioritize|prioritise <task> as|with|to|at|a|be? {marks}",
    ),
    (
        Change,
        "raise|lower|increase|bump|reduce|upgrade|downgrade|set|drop <task> to|up|down to|at? {marks}",
    ),
    (
        Change,
        "%later <task> back|forward|forwards|out|up|over|off|again|on? to|until|till|for|on|as|be|by|so|instead|from? it's|it|is|due|on? {marks}",
    ),
    (
        Change,
        "~%set <task> back|forward|forwards|out|up|over|off? to|until|till|for|on|as|be|due|repeat|repeating|by|recur|recurring|happen? due|repeat|recur? {marks}",
    ),
    (
        Change,
        "%make <task> to|into|until|so|for it's|its|it|be|is? due|repeat|repeats|recur|on? {marks}",
    ),
    (Change, "~update|modify|edit <task> to|for|with|as {marks}"),
    (
        Change,
        "%move <task> priority|date|deadline|due|time|day to|as|: {marks}",
    ),
    (Change, "~give <task> a|an? {marks}"),
    (
        Change,
        "<task> is|should|needs|must|has|repeats|recurs|have|need|can|to to? be? due|now|a|an|moved|changed|on|happen|updated|rescheduled|pushed|set? back|to? {marks}",
    ),
    (Change, "repeat <task> {marks}"),
    (Change, "~<task> {marks} instead"),
    (Change, "do <task> {marks} instead"),
    (
        Change,
        "let's do|have|make|move <task> to|on|for|at? {marks}",
    ),
    (Change, "remind me|us about|of|to <task> {marks} instead"),
    (Change, "prioritize|prioritise|star|flag <task>"),
    (Change, "deprioritize|deprioritise <task>"),
    (Change, "%move <task> from {marks} to|until|till {marks}"),
    (Change, "<task> from {marks} to {marks}"),
    (
        Change,
        "raise|increase|bump|lower|reduce the? priority of|for|on|up? <task>",
    ),
    (
        Change,
        "%make <task> more|less|top|highest|most|very? urgent|important|priority",
    ),
    (
        Change,
        "%later back|up|out|forward|forwards <task> to|until|till|for|on|by? {marks}",
    ),
    (
        Edit,
        "edit|change|update|modify|alter|adjust the|my|a? details|time|date|title|name|priority|due|location? of|for|on|in? <task>",
    ),
    (Rename, "change|update|edit <task> to|into|: <title>"),
    (Rename, "~make <task> : <title>"),
    // Looking.
    (
        Everything,
        "%hear|pull|bring|open up|out? the|my|me? list|lists|todos|to-dos|reminders",
    ),
    (
        Everything,
        "what|things|everything <x>? i|we wanted|want|meant <x>? bear|keep|remember",
    ),
    (
        Everything,
        "everything|all|whatever that's|thats|that|is? is? {list}",
    ),
    (
        Everything,
        "everything|all|things <x>? i|we put|included|added|have|need|wrote {list} <y>?",
    ),
    (
        Overview,
        "%show me? the|my|our plan|plans|agenda|schedule|programme for|of? {date}",
    ),
    (
        Overview,
        "overview|summary|recap|rundown of|for|on my|the|this|today's? day|week|today|list|{list}?",
    ),
    (
        Shopping,
        "what|which things|items|stuff? do|should|must|did|am i|we need|have|want|plan|planning|going|supposed to? buy|purchase|go|pick shopping|up? for|from|at|when|today? <x>?",
    ),
    (
        Shopping,
        "what|which do|should i|we need|want|get when|if|for|at|from <x> shopping|store|shop|supermarket <y>?",
    ),
    (
        Shopping,
        "what|which do|should i|we need|want|get for|at|from the? shopping|store|shop|supermarket <y>?",
    ),
    (
        Shopping,
        "what's|what|whats is|needs? to|for|left|need? buy|purchase|pick up|at|from? <x>?",
    ),
    (Overview, "plan my|the|our day|week|today|morning"),
    (
        Overview,
        "what should|must|do|shall|can|could i|we do|tackle|start|work|focus|be first|next|now|today|on|with|doing|right|to|have|need? do|first|next|now|today|on|with?",
    ),
    (
        Overview,
        "what's|whats|what is|have? on|up|happening|planned|coming for|my|the? agenda|plate|schedule|day|today|up? for|today? today?",
    ),
    (
        Overview,
        "what's|whats|what is|does|how my|the|today's|today? day|schedule|agenda|week|today look|looking? like?",
    ),
    (
        Overview,
        "%show|get? me|us? a|an|my|the|today's? daily|day|morning|quick? overview|agenda|briefing|brief|rundown of|for|on? my|the? day|today?",
    ),
    (Overview, "brief|catch me up|today|on? today?"),
    (Overview, "my day|agenda"),
    (
        Overview,
        "what do i have going? on? today|tomorrow|planned?",
    ),
    (Overview, "{list}"),
    (Overview, "%hear? me? {list} {date}?"),
    (
        Overview,
        "what's|whats|what is|do|have i? have? {list} {date}",
    ),
    (Count, "how many <x>"),
    (Count, "count|tally|total up|of|number? <x>"),
    (Count, "number of <x>"),
    (
        Count,
        "what is|what's|whats the|my? number|count|total of <x>",
    ),
    (
        Count,
        "%show|get|what's|whats? me|is|us? a|an|the|my? quick|brief|short|weekly|daily|little? summary|stats|statistics|progress|status|score|recap|overview|report of|on|for? <x>?",
    ),
    (Count, "summarize|summarise <x>?"),
    (Count, "how am i|we doing <x>?"),
    (
        Count,
        "how's|hows|how is|are my|the|it|things|everything progress|list|going|looking|coming|doing? going|looking|along|today|this|week?",
    ),
    (
        Count,
        "how much|far have|do|did|is|am i|we|there|left|along? <x>?",
    ),
    (Count, "how close|near am i <x>?"),
    (Count, "am i behind|ahead|late|on <x>?"),
    (
        Find,
        "show|give|tell|read|get me|us? about? my|the|our? last|next|latest|first? %reminder|task to|for|about|of|regarding|on|called|named|with <task>",
    ),
    (
        Find,
        "what|which is|are|'s|was my|the|our next|last|latest? %reminder|task to|for|about|of|regarding <task>",
    ),
    (
        Find,
        "what's|whats my|the|our %reminder|task to|for|about|of|regarding <task>",
    ),
    (
        Find,
        "what|which day|date|time did|do|does i|we|you set|have|put|make|add|get? the|my|a %reminder|task for|to|about|of <task>",
    ),
    (
        Find,
        "my|our|the <task> %reminder is|are set|scheduled|due for|at|on what time|day|date",
    ),
    (
        Find,
        "what time|day|date is|are|was my|our|the|for <task> %reminder set|scheduled|due for|at|on?",
    ),
    (
        Find,
        "~at|on? what time|day|date is|are|'s|does my|our|the|a? <task> at|on|due|for|happening|set|start|starting? for?",
    ),
    (
        Find,
        "i have a|an|the|my %reminder|task set? to|for|about <task> , when|what|where <x>",
    ),
    (
        Find,
        "~have|has|did i|we <x>? %past|pay|buy|call|do|send <task> yet|already?",
    ),
    (
        Find,
        "~have|has i|we already|ever|yet? %past <task> yet|already?",
    ),
    (
        Find,
        "~am|are i|we supposed|meant|due|going|needed to <task>",
    ),
    (
        Find,
        "~what|what's|whats is|are? the? priority|project|deadline|status|due|list date? of|for|on <task>",
    ),
    (
        Find,
        "~what|which project|list|priority is|are <task> in|on|have?",
    ),
    (
        Find,
        "~is|are <task> high|low|medium|top|important|urgent|still|already|done|overdue priority|there|open|due?",
    ),
    (Find, "~is|are <task> {priority}"),
    (Find, "~is|are <task> in the? trash|bin"),
    (
        Find,
        "~how long|much|many until|till|before|time|days <x>? <task> is|are? due|over?",
    ),
    (
        Find,
        "~when do|does|did|will|should|must <task> next? need|get|have <x>?",
    ),
    (Find, "task|todo|item number|no|#? <number>"),
    (
        Find,
        "~details|info|information|more on|of|about|for <task>",
    ),
    (Find, "~tell|remind me|us more? about <task>"),
    (Find, "~show|open|view|see|display me? <task>"),
    (Find, "~what's|whats|what is|are|was <task> about|again?"),
    (
        Find,
        "if|whether <task> is|are|was|were already|still|also|currently? {list} <x>?",
    ),
    (
        Find,
        "if|whether i|i've|we|we've have|already|did|had? added|put|add|have|included|got|listed|wrote a|an? item|task|reminder? to? <task> {list} <x>?",
    ),
    (
        Find,
        "is|are|was|were|if|whether|that there? <task> already|still|currently|now|also|added|to|an|one|coming|up|in|listed|item|of? item|up|added|put|of|to|on|items? {list} <x>?",
    ),
    (
        Find,
        "is|are <task> still|already|yet? %done|open|pending|overdue|left|due",
    ),
    (
        Find,
        "~when|where|whens|when's|where's is|are|was|'s|do|does|should|will|did? <task> due|scheduled|set|planned|supposed|happening|going|say|coming|expire|at|be for|to|at|up? be|sent? <x>?",
    ),
    (Find, "when|when's|whens is|are|was? <task> due <x>?"),
    (
        Find,
        "when|where|when's|where's is|are|'s? my|the|our next? %reminder|%tasks to|for|about|that|set|of? <task>",
    ),
    (
        Find,
        "when|where|when's|where's is|are|'s? my|the|our next? <task> %reminder|%tasks <x>?",
    ),
    (Find, "when is|are|'s <task> scheduled|set|planned for?"),
    (Find, "~when|where|when's is|are|'s? <task>"),
    (
        Find,
        "~when do|must|should|am|did|will|can i|we have|need|due|supposed|going? to? <task>",
    ),
    (Find, "~when's|whens <task>"),
    (
        Find,
        "~at? what|which time|day|date is|are|do|does|'s|am|did i|we? have|need? to? <task> due|set|scheduled|supposed|at? for|to? <x>?",
    ),
    (
        Find,
        "~<task> is|are set|scheduled|due for|at|on what time|day|date",
    ),
    (
        Find,
        "do|did|have|had|has i|we|you|i've already|still|ever|just|remember|need|currently? to? have|put|add|added|include|included|got|need|remember|create|created|told|set|write|told|buy|get? to|you|down|a|an|already|for|add? task|put|add|reminder? to|for? add|put|include|a|an? <task> already|still|scheduled|planned|set|listed? {list} <x>?",
    ),
    (
        Find,
        "does {list} have|include|contain|list|say already|anything|a|any? <task> on|in|listed? it?",
    ),
    (
        Find,
        "do|does|did i|we|you already|still? have|need|got a|an|any|the? task|reminder|todo|item|something|anything to|for|about|on|called|named <task>",
    ),
    (Find, "~did i|we already|remember? <task>"),
    (Find, "have i|we already? done|finished|completed <task>"),
    (
        Find,
        "~what's|what|whats is|are the? due? date|deadline|priority|time|status|day|location|details of|for|on|to <task>",
    ),
    (
        Find,
        "~how long|much until|till|before|time|is until|till|before? <task>",
    ),
    (
        Find,
        "open|show|see|view|display me? task|number|todo|item|# <number>",
    ),
    (
        Find,
        "~%hear me? details|more|info|information of|about|on|for the? <task>",
    ),
    (
        Find,
        "~do|does i|we need|have to? get|buy|do|any|call|pay|more? <task> <x>?",
    ),
    (Find, "what|where does my|the <task> reminder say <x>?"),
    (
        Everything,
        "what|whats|what's|which|tell|everything <x>? i|we wanted|want|meant|have|had|need|included|put to|on? <x>? mind|remember|remembered|forget",
    ),
    (
        Everything,
        "i|we had|have a|some|any list|lists of reminders|tasks|things what|where|which <x>",
    ),
    (Find, "if|whether {list} has|contains|includes|lists <task>"),
    (
        List,
        "find|search|look|locate|pull for|up|at|through|in? me? <x>",
    ),
    (
        List,
        "%hear me|us|to|over|back|out|for|through|up|on? about|of|to|for|if|with|back? what's|whats|what|which|is|if|me|there? <x>",
    ),
    (List, "remind me|us what|which|of? <x>"),
    (
        List,
        "go|run|walk|flip|look me|us? through|over|back|into over|through? <x>",
    ),
    (List, "what|what's|whats|which|what're|wats <x>"),
    (List, "what|which <x> {list} <y>?"),
    (
        List,
        "{list} contains|has|is|includes|holds|have|shows what|anything|any|which? again|on|in? it?",
    ),
    (List, "do|does|did|have|have i|we|you|there|any <x>"),
    (List, "is|are there|their|any <x>"),
    (List, "anything|any|anymore|nothing <x>"),
    (List, "where|who is|are <x>"),
    (List, "sort|filter|order|group <x>"),
    (List, "all|the|my|our|next|upcoming <x>"),
    // Deleting: after what only mentions it.
    (
        Delete,
        "make|be sure {list} is|are completely|all|entirely? clear|empty|clean {date}?",
    ),
    (
        Delete,
        "%delete|clear|clean|take|cross|scratch|strike|kill|pull|get|nix out|off? <task> off|out|from? {list} <x>?",
    ),
    (
        Delete,
        "{list} ,|please|can|you|you? please|,? %delete|take <task> off?",
    ),
    (Delete, "go {list} and|, %delete <task>"),
    (Delete, "%hear {list} and %delete <task>"),
    (
        Delete,
        "%delete|clear|clean|empty|wipe|purge|nuke|kill|blank|throw|reset out|up|away|off|the|all|everything|it|down? the|contents|content|of|items|all? of|on|in|from? {list} <x>?",
    ),
    (
        Delete,
        "{list} should|needs|must to? be? cleared|emptied|cleaned|deleted|wiped",
    ),
    (
        Delete,
        "<task> should|needs|need|must|can to? be? deleted|removed|cancelled|canceled|erased|gone|dropped {list}?",
    ),
    (
        Delete,
        "i|we need|want <task> removed|deleted|taken|gone|erased|cancelled|canceled off|from|removed? {list}?",
    ),
    (
        Delete,
        "%delete the|my|a? %task? called|named|titled|about|for|that|which says|say? <task>",
    ),
    (Delete, "%delete <task>"),
    (
        Delete,
        "~clear|purge|wipe|kill|nuke|clean|abolish|nix|scratch|destroy|eliminate|dump|strike out|up|off|away? <task>",
    ),
    (
        Delete,
        "take|throw|toss|chuck off|out|away|away? <task> {list}",
    ),
    (Delete, "~take|throw|toss off|out|away <task>"),
    (Delete, "take <task> off|away|out there?"),
    (Delete, "~forget|forget about <task>"),
    (Delete, "forget about <task>"),
    (Delete, "no more reminding? me|us? to? about|of? <task>"),
    (
        Delete,
        "stop|quit reminding|alerting|notifying|bugging me|us to|about|of? <task>",
    ),
    (
        Delete,
        "stop|quit the? reminders|reminder|alerts for|about|to <task>",
    ),
    (
        Delete,
        "i|we don't|dont|no longer? need|want|have|needed to|be? reminded? to|about|of? <task> anymore|any|now? more? ,? delete|remove? it|that?",
    ),
    (
        Delete,
        "i|we do not need|want|have|needed to|be? reminded? to|about|of? <task> anymore|any|now? more? ,? delete|remove? it|that?",
    ),
    (
        Delete,
        "i|we don't|dont|do not? need|want the|my|a reminder|task|item|alert to|for|about <task>",
    ),
    (
        Delete,
        "<task> is|are|was no|not longer? needed|necessary|required|relevant anymore|any? more?",
    ),
    (Delete, "delete|remove|clear|erase"),
    // Adding, where something else could be meant.
    (
        Need,
        "i|we|i've|ive|we've need|have|want|ought|got|gotta|must|should|needs|supposed|to to? <title>",
    ),
    (Need, "gotta|must|should|need|have|hafta|needa to? <title>"),
    (
        Schedule,
        "schedule|set|make|arrange|create up? a|an|another? %kind? <title>",
    ),
    (Add, "remind about|of|to|that? <title>"),
];
