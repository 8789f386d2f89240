import { LocalService } from '../service';
import { FunctionPools } from './function-pools';
import { LambdaProvider } from './providers';

/** Lambda: functions in processes of this Node. Its Invoke API is not here. */
export const lambda: LocalService = {
  name: 'Lambda',
  start: (run) => {
    const { region, workDir, maxProcesses, endpoint, others } = run;
    const functions = new FunctionPools({
      region,
      workDir,
      maxProcesses,
      echo: (name, line) => run.functionWrote(name, line),
    });
    functions.configure(endpoint, () => others.functionEnvironment());
    return {
      providers: [new LambdaProvider(run, functions)],
      functions,
      pending: () => functions.pending,
      close: async () => functions.close(),
    };
  },
};
