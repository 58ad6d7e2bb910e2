//! Says what came of something, in words: short, specific, and only from what was committed or found.
