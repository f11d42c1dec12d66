// The dashboard in a browser: which page an address is, and what comes before any page: who looks.

import { render } from "preact";
import { shutOut, CallError } from "./data/call.ts";
import { loadSession, session } from "./data/session.ts";
import { ConsumersPage } from "./pages/consumers.tsx";
import { DeadPage } from "./pages/dead.tsx";
import { EditTaskPage } from "./pages/edit-task.tsx";
import { EnqueuePage } from "./pages/enqueue.tsx";
import { KeysPage } from "./pages/keys.tsx";
import { LoginPage } from "./pages/login.tsx";
import { OutboxPage } from "./pages/outbox.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { QueuePage } from "./pages/queue.tsx";
import { SettingsPage } from "./pages/settings.tsx";
import { TaskPage } from "./pages/task.tsx";
import { TasksPage } from "./pages/tasks.tsx";
import { listenForKeys } from "./parts/keyboard.tsx";
import { place } from "./parts/router.ts";
import { Shell } from "./parts/shell.tsx";
import { Empty } from "./parts/states.tsx";

function App() {
  if (shutOut.value !== null) return <LoginPage problem={shutOut.value} />;
  if (session.value === null) return <Shell title="edgeq">{null}</Shell>;
  return <Page />;
}

function Page() {
  const [room, queue, below, id, last] = place.value.path.split("/").slice(1).map(decoded);
  if (room === "") return <OverviewPage />;
  if (room !== "queues" || queue === undefined || queue === "") return <NoPage />;
  switch (below ?? "") {
    case "":
      return <QueuePage key={queue} name={queue} />;
    case "tasks":
      if (id === undefined || id === "") return <TasksPage key={queue} name={queue} />;
      return last === "edit" ? (
        <EditTaskPage key={id} name={queue} id={id} />
      ) : (
        <TaskPage key={id} name={queue} id={id} />
      );
    case "dead":
      return <DeadPage key={queue} name={queue} />;
    case "keys":
      return <KeysPage key={queue} name={queue} />;
    case "consumers":
      return <ConsumersPage key={queue} name={queue} />;
    case "outbox":
      return <OutboxPage key={queue} name={queue} />;
    case "settings":
      return <SettingsPage key={queue} name={queue} />;
    case "enqueue":
      return <EnqueuePage key={queue} name={queue} />;
    default:
      return <NoPage />;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function NoPage() {
  return (
    <Shell title="Nothing here">
      <Empty isWhole title="There is no page at this address">
        <p>
          <a href="/">All queues</a>
        </p>
      </Empty>
    </Shell>
  );
}

/** A server that does not answer at first is asked again. ms. */
const AGAIN_MS = 2_000;

async function begin(): Promise<void> {
  try {
    await loadSession();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (shutOut.value === null) setTimeout(() => void begin(), AGAIN_MS);
  }
}

listenForKeys();
const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
void begin();
