-- What models and agents did, which is little of most journals, so that it is found without reading what people did.
CREATE INDEX journal_by_others ON journal (user_id, seq, actor) WHERE actor <> 'person';
