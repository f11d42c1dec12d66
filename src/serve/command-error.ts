// Why a command cannot do what was asked, in words for the person who asked: shown without a stack, exit status 1.

export class CommandError extends Error {}
