// Messages on their way to other queues, those that are parked after too many refusals, and why.

import { useEffect } from "preact/hooks";
import type { WireOutboxMessage } from "../../protocol/wire-outbox.ts";
import { call } from "../data/call.ts";
import { useLive } from "../data/live.ts";
import { may } from "../data/session.ts";
import { useWatch } from "../data/watch.ts";
import { Confirm } from "../parts/confirm.tsx";
import { showDialog } from "../parts/dialog.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { Time } from "../parts/marks.tsx";
import { say } from "../parts/notice.tsx";
import { queueHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded } from "../parts/states.tsx";
import { numbers, Table } from "../parts/table.tsx";
import { count, number } from "../parts/words.ts";

const EVERY_MS = 5_000;
const PAGE = 200;

export function OutboxPage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useLive(
    `outbox ${name}`,
    (abort) => call(name, "listOutbox", { limit: PAGE }, abort),
    EVERY_MS,
    useWatch(name),
  );
  useEffect(() => onRefreshKey(refresh));
  const messages = value?.messages ?? [];
  const parked = messages.filter(({ state }) => state === "parked");
  return (
    <Shell title={`Outbox of ${name}`} queue={name}>
      <div class="head">
        <h1>Outbox</h1>
        {parked.length > 0 && may("manage", name) ? (
          <div class="actions">
            <button type="button" onClick={() => askToRetry(name, parked.length, refresh)}>
              Send {count(parked.length, "parked message")} again
            </button>
          </div>
        ) : null}
      </div>
      {value === null ? <NotLoaded error={error} /> : null}
      {value !== null && messages.length === 0 ? (
        <Empty title="Nothing is on its way">
          <p>Dead letters, redriven tasks and tasks for other queues wait here until they have arrived.</p>
        </Empty>
      ) : null}
      {messages.length === 0 ? null : <Messages messages={messages} hasMore={value?.cursor !== null} />}
    </Shell>
  );
}

interface MessagesProps {
  readonly messages: readonly WireOutboxMessage[];
  readonly hasMore: boolean;
}

function Messages({ messages, hasMore }: MessagesProps) {
  return (
    <>
      <Table label="Messages" heads={["To", "What", "Task", "State", ...numbers("Refusals"), "Since", "Why"]}>
        {messages.map((message) => (
          <tr key={`${message.queue} ${message.message}`}>
            <td>
              <a class="row-link" href={queueHref(message.queue)}>
                {message.queue}
              </a>
            </td>
            <td data-title="What">{message.kind}</td>
            <td data-title="Task">{message.id}</td>
            <td data-title="State">{message.state}</td>
            <td class="number" data-title="Refusals">
              {number(message.refusals)}
            </td>
            <td data-title="Since">
              <Time at={message.createdAt} />
            </td>
            <td class="of-error">
              <span class="preview error">{message.error ?? ""}</span>
            </td>
          </tr>
        ))}
      </Table>
      {hasMore ? <p class="muted">There are more.</p> : null}
    </>
  );
}

function askToRetry(queue: string, parked: number, onDone: () => void): void {
  showDialog(
    <Confirm
      title={`Send ${count(parked, "parked message")} again?`}
      effect="If the queue that they go to still refuses them, they are parked again."
      button="Send again"
      run={async (abort) => {
        let more = true;
        let sent = 0;
        while (more && !abort.aborted) {
          const answer = await call(queue, "retryOutbox", {}, abort);
          sent += answer.messages;
          more = answer.more;
        }
        say(`${count(sent, "message")} on the way again.`);
        onDone();
      }}
    />,
  );
}
