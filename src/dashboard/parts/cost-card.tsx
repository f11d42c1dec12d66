// The cost of a queue, the forecast for the month, and how much of its budget is used up.

import type { WireCost } from "../../protocol/wire-cost.ts";
import type { WireBudget, WireQueue } from "../../protocol/wire-queue.ts";
import { call } from "../data/call.ts";
import { useLive } from "../data/live.ts";
import { may } from "../data/session.ts";
import { ON_REACH } from "../data/settings-fields.ts";
import { useWatch } from "../data/watch.ts";
import { queueHref } from "./router.ts";
import { compact, dollars, number } from "./words.ts";

/** It changes slowly, and each look costs a request. ms. */
const EVERY_MS = 120_000;

const SPANS = { hour: "This hour", day: "Today", month: "This month" } as const;

/** Nothing while it is not known: a server of an earlier version has no answer. */
export function CostCard({ queue }: { readonly queue: WireQueue }) {
  const { name, settings } = queue;
  const watch = useWatch(name);
  const { value } = useLive(`cost ${name}`, (abort) => call(name, "getCost", {}, abort), EVERY_MS, watch);
  if (value === null) return null;
  const { likeThisMonth, likeToday } = value.forecast;
  const hasBudget = settings.budget.rowsPerHour !== null || settings.budget.usdPerDay !== null;
  return (
    <section class="card cost" aria-labelledby="cost-title">
      <header>
        <h2 id="cost-title">Cost</h2>
        {may("manage", name) ? (
          <a href={`${queueHref(name, "settings")}#setting-budget.rowsPerHour`}>
            {hasBudget ? "Change the budget" : "Set a budget"}
          </a>
        ) : null}
      </header>
      <dl class="tiles">
        {(["hour", "day", "month"] as const).map((span) => (
          <div key={span}>
            <dt>{SPANS[span]}</dt>
            <dd title={`${number(value[span].rowsWritten)} rows written, ${number(value[span].requests)} requests`}>
              {dollars(value[span].usd)}
            </dd>
          </div>
        ))}
        <div>
          <dt>Whole month</dt>
          <dd title={`${dollars(likeToday)} if the rest of it is like today`}>{dollars(likeThisMonth)}</dd>
        </div>
      </dl>
      <BudgetUse budget={settings.budget} cost={value} />
      <p class="muted">
        {mostly(value)}
        {compact(value.month.rowsWritten)} rows written and {compact(value.month.requests)} requests this month (UTC).
        At the{" "}
        <a href={value.prices.source} rel="noreferrer">
          prices of {value.prices.date}
        </a>
        , without what a plan includes.
      </p>
    </section>
  );
}

function BudgetUse({ budget, cost }: { readonly budget: WireBudget; readonly cost: WireCost }) {
  const { rowsPerHour, usdPerDay, onReach } = budget;
  if (rowsPerHour === null && usdPerDay === null) return <p class="muted">It has no budget.</p>;
  return (
    <>
      <ul class="budget">
        {rowsPerHour === null ? null : (
          <Use used={cost.hour.rowsWritten} most={rowsPerHour} text={`${number(rowsPerHour)} rows an hour`} />
        )}
        {usdPerDay === null ? null : <Use used={cost.day.usd} most={usdPerDay} text={`${dollars(usdPerDay)} a day`} />}
      </ul>
      <p class="muted">When it is used up: {ON_REACH[onReach]}.</p>
    </>
  );
}

function Use({ used, most, text }: { readonly used: number; readonly most: number; readonly text: string }) {
  const share = used / most;
  return (
    <li>
      <meter min={0} max={1} high={0.8} value={Math.min(1, share)} aria-label={`Used of ${text}`} />{" "}
      <span class={share >= 1 ? "bad" : ""}>{Math.floor(share * 100)}%</span> of {text}
    </li>
  );
}

/** What most of it was for: the time awake is of no operation. */
function mostly({ month: { parts, usd } }: WireCost): string {
  const [first] = parts;
  if (first === undefined || usd === 0) return "";
  return `Mostly ${first.name} (${Math.round((first.usd / usd) * 100)}%). `;
}
