// One request on its way to its queue, as its route sees it. A class, since an object with a getter of its own takes the runtime
// longer to make than all else about it.

import type { Grant } from "../api/grant.ts";
import { mustExist } from "../api/lacking.ts";
import type { Quota } from "../api/quota.ts";
import type { InputOf, OperationName, Refusal } from "../core/operation.ts";
import { OPENINGS } from "../object/openings.ts";
import { queueStub, unmeasured, type MeasuredAnswer, type QueueStub } from "../object/queue-stub.ts";
import type { Asker } from "./asker.ts";
import { answered, refused } from "./http-error.ts";
import type { RequestLog } from "./request-log.ts";
import type { Call } from "./route.ts";

type Asked = Pick<Call, "request" | "url" | "env" | "ctx" | "waits" | "params" | "queueName">;

export class RequestCall implements Call {
  readonly request: Request;
  readonly url: string;
  readonly env: Call["env"];
  readonly ctx: ExecutionContext;
  readonly waits: () => void;
  readonly params: Call["params"];
  readonly queueName: string;
  readonly grant: Grant;
  readonly quota: Quota | null;
  readonly #log: RequestLog | null;

  constructor(
    { request, url, env, ctx, waits, params, queueName }: Asked,
    { grant, quota }: Asker,
    log: RequestLog | null,
  ) {
    this.request = request;
    this.url = url;
    this.env = env;
    this.ctx = ctx;
    this.waits = waits;
    this.params = params;
    this.queueName = queueName;
    this.grant = grant;
    this.quota = quota;
    this.#log = log;
  }

  /** Looked up only by routes that name a queue. */
  get queue(): QueueStub {
    return queueStub(this.env, this.queueName);
  }

  /**
   * Its queue has its turn to be called, as it is next.
   *
   * @throws {HttpError} `overloaded`
   */
  async opened(): Promise<void> {
    const refusal = await OPENINGS.opened(this.queueName);
    if (refusal !== null) throw refused(refusal);
  }

  /** By `then`: a call's promise is the platform's own, and `await` would put two more around it. */
  answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<string> {
    return OPENINGS.isOpen(this.queueName)
      ? this.#answer(operation, input)
      : this.opened().then(() => this.#answer(operation, input));
  }

  #answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<string> {
    const stub = this.queue;
    const log = this.#log;
    const isToExist = mustExist(this.grant, operation);
    if (log !== null)
      return stub.answer(operation, input, isToExist, true).then((answer) => answered(log.measured(answer)));
    return (isToExist ? stub.answer(operation, input, true) : stub.answer(operation, input)).then(answerAlone);
  }
}

function answerAlone(answer: string | Refusal | MeasuredAnswer): string {
  return answered(unmeasured(answer));
}
