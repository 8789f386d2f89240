import { DeployedPipeline, PipelineProvider } from './provider';
import { Checkpoints } from '../checkpoints';
import { LocalService, PageSection } from '../service';

/** OpenSearch Ingestion: pipelines that obey their own YAML, from a table to an index. */
export const openSearchIngestion: LocalService = {
  name: 'OpenSearch Ingestion',
  lags: { ingestion: 'changes, while an ingestion pipeline waits for more of them (100 unless told)' },
  start: (run) => {
    const positions = new Checkpoints(run.dataDir, 'ingestion-pipelines');
    const provider = new PipelineProvider(run, positions);
    const { pipelines } = provider;
    const all = (): readonly DeployedPipeline['pipeline'][] => pipelines.map(({ pipeline }) => pipeline);
    return {
      providers: [provider],
      identify: (key) => {
        const found = pipelines.find(({ accessKeyId }) => accessKeyId === key);
        return found && { principal: found.principal };
      },
      deployed: async () => {
        for (const { check, pipeline } of pipelines) {
          await check();
          pipeline.start();
        }
      },
      settle: async () => void (await Promise.all(all().map(async (pipeline) => pipeline.settle()))),
      completed: () => all().reduce((sum, { completed }) => sum + completed, 0),
      inspect: () => sections(all()),
      stop: () => {
        for (const pipeline of all()) pipeline.stop();
        provider.end();
      },
      close: async () => {
        await Promise.all(all().map(async (pipeline) => pipeline.close()));
        positions.save();
      },
    };
  },
};

function sections(pipelines: readonly DeployedPipeline['pipeline'][]): readonly PageSection[] {
  if (pipelines.length === 0) return [];
  const number = (key: string, title: string): { key: string; title: string; number: true } => ({
    ...{ key, title },
    number: true,
  });
  return [
    {
      key: 'ingestionPipelines',
      title: 'Ingestion pipelines',
      columns: [
        { key: 'name', title: 'pipeline' },
        { key: 'source', title: 'from' },
        { key: 'index', title: 'to' },
        { key: 'state', title: 'state' },
        number('exported', 'exported'),
        number('changes', 'changes'),
        number('dropped', 'dropped'),
        number('indexed', 'indexed'),
        number('deleted', 'deleted'),
        number('outdated', 'outdated'),
        number('refused', 'refused'),
        number('waiting', 'waiting'),
        number('behindMs', 'behind, ms'),
        { key: 'lastError', title: 'last error' },
      ],
      entries: pipelines.map((pipeline) => ({ ...pipeline.progress() })),
    },
  ];
}
