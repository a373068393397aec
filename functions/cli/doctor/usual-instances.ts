/** How many instances each function has at most, unless the settings say otherwise. */
export const usualInstances = { access: 20, audit: 5, console: 5, seal: 5, sign: 1 } as const
