//! Reads an event stream (`text/event-stream`), in whatever pieces it comes.

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its `event`, which is mostly empty.
    pub(crate) name: String,
    /// Its `data`, the lines of it put together again.
    pub(crate) data: String,
}

/// What has come of a stream and is not an event yet.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    /// The last byte was a CR, so that an LF belongs to it.
    after_cr: bool,
    /// `None` if the event has had no line of data.
    data: Option<String>,
    name: String,
}

impl Events {
    /// The events that end within `bytes`.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let belongs_to_cr = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            match byte {
                b'\n' if belongs_to_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        events
    }

    /// The last event, if the stream ended without the empty line after it. By the letter it would be dropped; there are
    /// servers whose last word it is.
    pub(crate) fn end(mut self) -> Option<Event> {
        if !self.line.is_empty() {
            // A line that is not empty ends no event.
            self.end_line();
        }
        self.end_event()
    }

    /// How much of an event has come that has not ended.
    pub(crate) fn pending_bytes(&self) -> usize {
        self.line.len() + self.data.as_ref().map_or(0, String::len)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.end_event();
        }
        // Only now are all bytes of its last character there.
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "event" => self.name = value.to_owned(),
            // A comment, which keeps the connection alive, or something we have no use for.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        Some(Event { name, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, Events};

    fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut events = Events::default();
        let mut read: Vec<_> = chunks
            .into_iter()
            .flat_map(|chunk| events.push(chunk))
            .collect();
        read.extend(events.end());
        read
    }

    fn data(text: &str) -> Vec<String> {
        read([text.as_bytes()])
            .into_iter()
            .map(|event| event.data)
            .collect()
    }

    #[test]
    fn data_with_and_without_a_space() {
        assert_eq!(data("data: a\n\ndata:b\n\n"), ["a", "b"]);
        assert_eq!(data("data:  a\n\n"), [" a"]);
    }

    #[test]
    fn every_kind_of_line_end() {
        assert_eq!(data("data: a\r\n\r\ndata: b\r\n\r\n"), ["a", "b"]);
        assert_eq!(data("data: a\r\rdata: b\r\r"), ["a", "b"]);
    }

    #[test]
    fn comments_and_other_fields_are_passed_over() {
        assert_eq!(data(": hello\n\nid: 7\nretry: 1\ndata: a\n\n"), ["a"]);
    }

    #[test]
    fn several_lines_of_data_are_one() {
        assert_eq!(data("data: a\ndata: b\n\n"), ["a\nb"]);
        assert_eq!(data("data: a\r\ndata: b\r\n\r\n"), ["a\nb"]);
    }

    #[test]
    fn the_last_line_needs_no_end() {
        assert_eq!(data("data: a\n\ndata: [DONE]"), ["a", "[DONE]"]);
        assert_eq!(data("data: a\n"), ["a"]);
    }

    #[test]
    fn an_event_has_a_name() {
        let event = &read([b"event: error\ndata: x\n\n".as_slice()])[0];
        assert_eq!(event.name, "error");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_it() {
        assert_eq!(data("\u{feff}data: a\n\n"), ["a"]);
    }

    proptest! {
        #[test]
        fn any_cut_reads_the_same(
            text in "(data: ?[a-zäß€🦀]{0,6}|:c|event: e)?(\r\n|\n|\r){1,2}((data:[é🦀]{1,3})?(\r\n|\n|\r)){0,6}",
            cuts in prop::collection::vec(0_usize..64, 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let chunks = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
            prop_assert_eq!(read(chunks), read([bytes]));
        }
    }
}
