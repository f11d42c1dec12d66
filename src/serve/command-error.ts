// Why a command cannot do what was asked, in words for the person who asked: shown without a stack, exit status 1.

export class CommandError extends Error {}

/** An option or a variable of the environment is not what it may be. The command line ends with status 2 for it. */
export class SettingError extends CommandError {}
