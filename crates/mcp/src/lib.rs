//! The MCP server: tools, prompts and resources for other people's agents.
