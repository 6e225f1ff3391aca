// @ts-check
// The words that are subcommands where they come first.
export const SUBCOMMANDS = ["queue", "history", "models", "stats", "cancel", "free", "types"];
