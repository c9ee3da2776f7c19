/** The simulation as one module: what `tools/fuzz.mjs` and the benchmarks load. */
export { explain, fuzz, replayCommand } from './sim-fuzz.ts';
export { runHistory } from './sim-history.ts';
export { swarmFigures } from './sim-figures.ts';
export { explainJobs, fuzzJobs, replayJobsCommand } from './job-sim-fuzz.ts';
export { runJobHistory } from './job-sim.ts';
