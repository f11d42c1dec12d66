// A server for as long as something uses it.
import { startEdgeq, type Edgeq, type EdgeqOptions } from "./start-edgeq.ts";

export async function withEdgeq<Result>(
  options: EdgeqOptions,
  use: (edgeq: Edgeq) => Promise<Result>,
): Promise<Result> {
  const edgeq = await startEdgeq(options);
  try {
    return await use(edgeq);
  } finally {
    await edgeq.stop();
  }
}
