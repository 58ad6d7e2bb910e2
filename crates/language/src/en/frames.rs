//! The ways in which English asks for something, most particular first.
//!
//! A frame is a row of words: `a|b` is either, a trailing `?` may be missing, `%set` is a set of `words::SETS`, `<x>` is any
//! words, `{date}`, `{priority}`, `{tag}`, `{project}` a mark of that kind, and `{marks}` one or more of any kind.

/// What a frame asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Add,
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
    Undo,
    Redo,
    History,
    Zone,
    Projects,
    Help,
    Hello,
    Thanks,
    Who,
    Fine,
}

use Ask::{
    Add, Change, Complete, Count, Delete, EmptyTrash, Find, Fine, Hello, Help, History, List, Mark,
    Note, Overview, Projects, Redo, Rename, Reopen, Restore, Thanks, Undo, Unmark, Who, Zone,
};

/// Every frame.
pub(crate) const FRAMES: &[(Ask, &str)] = &[
    // Nothing to do with a task.
    (Help, "help"),
    (Help, "what can|could you do <x>?"),
    (Help, "what can i say|ask|do <x>?"),
    (Help, "what do you do"),
    (Help, "how do|does|can i|you|this|it <x>"),
    (
        Help,
        "can i|you tag|label|prioritize|rename|undo|repeat tasks|things|items",
    ),
    (Help, "commands|instructions|menu"),
    (Hello, "good morning|afternoon|evening|day"),
    (Hello, "hello|hi|hey|hiya|howdy|yo there|again?"),
    (Hello, "hello|hi|hey|hiya|howdy|yo"),
    (Hello, "how are you <x>?"),
    (Thanks, "thanks|thx|cheers|ty <x>?"),
    (Thanks, "thank you <x>?"),
    (Who, "who|what are you"),
    (Who, "who is this"),
    (Who, "what's|whats your name"),
    (Who, "are you a|an <x>"),
    (
        Fine,
        "cool|great|nice|good|perfect|awesome|alright|understood|fine|wonderful|excellent|got <x>?",
    ),
    // Taking back.
    (
        Undo,
        "undo it|that|this|everything? again? one? more? time?",
    ),
    (Undo, "undo that again"),
    (
        Undo,
        "undo my|the|that|your? last? delete|deletion|change|changes|action|add|addition|edit|step|one|thing|move|completion|update|rename",
    ),
    (Undo, "undo the? last <x>?"),
    (Undo, "revert it|that|this|the|my|last|change|changes?"),
    (
        Undo,
        "revert my|the|that? last? change|action|edit|step|one",
    ),
    (Undo, "take it|that|this back again?"),
    (
        Undo,
        "take back the|that|my? last? delete|deletion|change|action|add|edit|one|it|that|completion",
    ),
    (Undo, "go back"),
    (Undo, "oops <x>?"),
    (Undo, "bring|put it|that|them back"),
    (Redo, "redo it|that|this|the|last|change?"),
    (
        History,
        "what did i|you|we change|do|just lately|recently|today|yesterday?",
    ),
    (
        History,
        "what|what's has? changed|happened lately|recently|today|yesterday?",
    ),
    (
        History,
        "%show? me? the|my? history|activity|journal|changes",
    ),
    (Zone, "my time zone|timezone is <x>"),
    (Zone, "my timezone is <x>"),
    (Zone, "set|change my|the? time? zone|timezone to <x>"),
    (Projects, "%show? me? my|the|all? projects"),
    (Projects, "what projects do i have"),
    // The trash.
    (EmptyTrash, "empty|clear|purge the|my? trash|bin"),
    (Restore, "take <task> out of the? trash|bin"),
    (
        Restore,
        "restore|undelete|recover <task> from? the? trash|bin?",
    ),
    // Done.
    (Complete, "%make <task> as|to|be? %done"),
    (Complete, "mark as %done <task>"),
    (Complete, "mark off <task>"),
    (
        Complete,
        "check|tick|cross|strike|mark <task> off|out the|my? list?",
    ),
    (Complete, "check|tick|cross off|out <task>"),
    (Complete, "check|tick <task>"),
    (
        Complete,
        "i'm|im|i|am done|finished|through with|on? <task>",
    ),
    (
        Complete,
        "done|finished|completed|complete|finish with <task>",
    ),
    (
        Complete,
        "i|i've|ive|we|we've have|did|just|already|finally? done|finished|completed|finish|did|bought|paid|called|sent|got|cleaned|fixed|booked|posted|written|submitted|watered|ordered|emailed|returned|picked|made|taken|took|washed|read|renewed|cooked|fed|walked <task>",
    ),
    (Complete, "%done <task>"),
    (Complete, "close|resolve out? <task>"),
    (Complete, "<task> is|are|was|'s all? %done"),
    (Complete, "<task> has|have been %done"),
    (Complete, "<task> done"),
    (Complete, "got <task> done"),
    (
        Reopen,
        "reopen|re-open|uncomplete|uncheck|untick|unmark|reactivate <task>",
    ),
    (
        Reopen,
        "%make <task> as|to|be? not|incomplete|pending|undone|unfinished|open|todo done|complete|completed|finished|yet?",
    ),
    (
        Reopen,
        "i haven't|didn't|did|have not? actually? done|do|finished|finish|completed|complete <task> yet|after|all? all?",
    ),
    (Reopen, "<task> isn't|is|aren't not? %done yet|after? all?"),
    (Reopen, "open <task> again"),
    // Changing: marks of one kind or several.
    (
        Unmark,
        "remove|clear|delete|drop|take the|its|any? due? date|deadline from|of|for|off <task>",
    ),
    (
        Unmark,
        "remove|clear|delete|drop|unset the|its|any? priority from|of|for|off <task>",
    ),
    (Unmark, "stop repeating <task>"),
    (
        Unmark,
        "remove|delete|take|drop the? tag|label {tag} from|off <task>",
    ),
    (Unmark, "remove|take|drop {tag} from|off <task>"),
    (Unmark, "untag|unlabel <task> <x>"),
    (
        Note,
        "add|put|attach a|the? note|notes|description|comment to|on|for <task> that|saying|: <note>",
    ),
    (
        Note,
        "set|change|update the? note|notes|description|comment of|on|for <task> to|: <note>",
    ),
    (Note, "note|description for|on|of <task> is|: <note>"),
    (Mark, "tag|label <task> as|with|by? <tags>"),
    (Mark, "add|put|attach the|a? tag|label <tags> to|on <task>"),
    (Mark, "add {tag} to <task>"),
    (
        Mark,
        "%move|add <task> to|in|into|under the|my? {project} project|list?",
    ),
    (
        Mark,
        "%move <task> to|in|into|under the|my? project <project>",
    ),
    (
        Mark,
        "%move <task> to|in|into|under the|my? <project> project",
    ),
    (
        Rename,
        "rename|retitle|reword|call <task> to|as|into <title>",
    ),
    (
        Rename,
        "change|update|edit|set|make the? title|name|wording of|for|on <task> to|: <title>",
    ),
    (
        Rename,
        "change|update|edit <task> title|name|wording to <title>",
    ),
    (
        Change,
        "%make|give the? priority of|for|on|to <task> to|as|: {marks}",
    ),
    (
        Change,
        "%make the? due|deadline date? of|for|on <task> to|as|: {marks}",
    ),
    (Change, "priority of|for <task> should|is|must be? {marks}"),
    (
        Change,
        "%move|update <task> back|forward|forwards|out|up|over? to|until|till|for|on|as|be|due|repeat|repeating|by? {marks}",
    ),
    (
        Change,
        "%move <task> priority|date|deadline|due to|as|: {marks}",
    ),
    (Change, "give <task> a? {marks}"),
    (
        Change,
        "<task> is|should|needs|must|has to? be? due|now|a|an? {marks}",
    ),
    (Change, "prioritize|prioritise <task>"),
    (
        Change,
        "%move <task> back|forward|out|earlier|later|up by? <period>",
    ),
    (Change, "%move <task> by? <period>"),
    (Change, "%move <task> <period>"),
    (Rename, "change|update|edit|make <task> to|into|: <title>"),
    // Looking.
    (Overview, "plan my|the day|week|today"),
    (
        Overview,
        "what should|must|do|shall i do|tackle|start|work first|next|now|today|on|with|right? first|next|now|today|on|with?",
    ),
    (
        Overview,
        "what's|whats|what is? on|up for|my? agenda|plate|schedule|calendar|today? for|today? today?",
    ),
    (Overview, "what's|whats|what does|is my? day look? like?"),
    (Overview, "overview|agenda|briefing|my day|agenda|schedule?"),
    (Overview, "my day"),
    (Count, "how many <x>"),
    (Count, "count <x>"),
    (
        Count,
        "%show? me? a|the|my? quick? summary|stats|statistics|progress|status <x>?",
    ),
    (Count, "how am i doing <x>?"),
    (
        Count,
        "how's|hows|how is? my? progress|list|it|everything going|looking?",
    ),
    (Find, "is <task> on|in my|the %list"),
    (Find, "is <task> still? %done|open|pending|overdue"),
    (Find, "when is|are|was <task> due"),
    (Find, "when's|whens <task> due"),
    (Find, "when do|must|should i have|need? to <task>"),
    (Find, "do i have <task> on|in my|the %list"),
    (Find, "did i|we already? <task>"),
    (Find, "have i done|finished|completed <task>"),
    (
        Find,
        "what's|what is the? due? date|deadline|priority of|for <task>",
    ),
    (Find, "open|show|see|view me? task|number|todo <number>"),
    (Find, "%show me? details|more of|about|on <task>"),
    (List, "find|search|look|locate for|up? me? <x>"),
    (List, "%show me? up? <x>"),
    (List, "remind me what|which <x>"),
    (List, "tell me what|which|about? <x>"),
    (List, "what|what's|whats|which|what're <x>"),
    (List, "do i have <x>"),
    (List, "are there <x>"),
    (List, "is there anything <x>"),
    (List, "anything <x>"),
    (List, "have i got <x>"),
    (List, "sort|filter <x>"),
    // Deleting: after what only mentions it.
    (Delete, "get rid of <task> from|off? my|the? %list?"),
    (
        Delete,
        "%delete|clear|clean <task> from|off my|the %task? %list?",
    ),
    (Delete, "take|strike <task> off my|the %task? %list?"),
    (
        Delete,
        "%delete the|my? %task? called|named|titled|about <task>",
    ),
    (Delete, "%delete <task>"),
    (Delete, "clear|purge|wipe out|up? <task>"),
    (Delete, "forget|forget about <task>"),
    (
        Delete,
        "i don't|dont|do not? need|want|have to? <task> anymore",
    ),
    (
        Delete,
        "i don't|dont|do not? need|want|have to? <task> any more",
    ),
    // Adding: what is left is the title.
    (Add, "remind|reminder me? to|that|about|of? <title>?"),
    (
        Add,
        "set|create|make|add a|an|another|the? reminder to|for|about|that|of? <title>?",
    ),
    (Add, "{date} remind me to|that|about? <title>"),
    (
        Add,
        "add|create|make|put|insert|new|jot|write down? me? a|an|another|the|one? new? %task|note to|for|called|named|titled|saying|that|about|:|-? <title>",
    ),
    (
        Add,
        "add|create|make|put|insert|new a|an|another|the? new? %task|note|something",
    ),
    (
        Add,
        "add|put|insert|throw|stick <title> to|on|onto|in my|the|our %task? %list|%task",
    ),
    (Add, "add|insert|jot|put|new down? :? <title>?"),
    (Add, "todo|task|to-do|note : <title>"),
    (Add, "note to self :? <title>"),
    (Add, "make|take a? note to|that|of|about|:? <title>"),
    (
        Add,
        "don't|dont|do not? let me forget to|about|that? <title>",
    ),
    (Add, "don't|dont|do not? forget to|about|that? <title>"),
    (Add, "remember to <title>"),
    (
        Add,
        "i|we|you need|have|want|ought|got|gotta|must|should|needs to? remember to? <title>",
    ),
    (Add, "i|we need|have|ought|want to <title>"),
    (Add, "i've|ive|we've got to <title>"),
    (Add, "i|we must|should|gotta <title>"),
    (Add, "gotta|must|should|need to? <title>"),
];
