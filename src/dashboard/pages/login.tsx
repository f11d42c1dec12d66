// The login: a token, handed over once. Also what is shown when the server lets nobody in yet.

import { useState } from "preact/hooks";
import type { Problem } from "../../protocol/problem.ts";
import { CallError } from "../data/call.ts";
import { logIn, session } from "../data/session.ts";
import { FormError, PasteLine } from "../parts/states.tsx";

export function LoginPage({ problem }: { readonly problem: Problem }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string | null>(null);
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await logIn(token.trim());
    } catch (failure) {
      if (!(failure instanceof CallError)) throw failure;
      setError(failure.message);
    }
  };
  if (problem.code === "auth-not-configured") return <NotConfigured />;
  const hasEnded = session.value !== null;
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void enter(event)}>
        <h1>{hasEnded ? "Your token has ended" : "edgeq"}</h1>
        <p>
          {hasEnded
            ? "Log in with a new one; you will be where you were."
            : "Log in with a token. It decides what you see and what you may do."}
        </p>
        <label>
          <span>Token</span>
          <input
            type="password"
            name="token"
            value={token}
            autocomplete="off"
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <FormError why={error} />
        <button type="submit" class="main" disabled={token.trim() === ""}>
          Log in
        </button>
        <p class="muted">To look only, make one with:</p>
        <PasteLine text="npx edgeq token --queue '*' --can browse admin --expires 12h" />
      </form>
    </main>
  );
}

function NotConfigured() {
  return (
    <main class="login">
      <div class="card">
        <h1>Nobody is let in yet</h1>
        <p>This server has no secret to check tokens with. Its owner sets one:</p>
        <PasteLine text="npx wrangler secret put EDGEQ_KEYS < .edgeq/keys.json" />
        <p class="muted">The page on authentication says how to make the keys: docs/auth.md.</p>
      </div>
    </main>
  );
}
