// @ts-check
// The subcommands.
export const SUBCOMMANDS = ["queue", "history", "models", "stats", "cancel", "free", "types"];
