/** `COMITY_RUNS=20000` looks longer: that many cases of each property, where fewer are the rule. */
export const runs = (usual: number): number => Number(process.env.COMITY_RUNS ?? usual)

/** As long as that takes, ms. */
export const patience = process.env.COMITY_RUNS === undefined ? 60_000 : 3_600_000
