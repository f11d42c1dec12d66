// A chart of counts over time, by uPlot. Charts of one page share their cursor, so that hovering reads all of them at one instant.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { axisTime, clock, number } from "./words.ts";

export interface Line {
  readonly label: string;
  /** The name of a colour in style/colours.css. */
  readonly colour: string;
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Instants in seconds, then the values of each line; null: a gap. */
  readonly data: readonly (readonly (number | null)[])[];
  /** A value with its unit, if it is not a number of tasks. */
  readonly format?: (value: number) => string;
  /** What it means that there is no value at all. */
  readonly none?: string;
}

const HEIGHT = 140;
const LEAST_S = 180;
/** Steps of an axis of durations, so that its labels are of one unit and fit beside it. Seconds. */
const STEPS_S = [
  ...[0.001, 0.01, 0.1].flatMap((unit) => [unit, 2 * unit, 5 * unit]),
  ...[1, 5, 10, 20].flatMap((step) => [step, 60 * step]),
  ...[1, 2, 6, 12, 24, 48, 168].map((hours) => 3_600 * hours),
].sort((a, b) => a - b);

export function Chart({ title, lines, data, format = number, none }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, lines, format), data as uPlot.AlignedData, element);
    };
    draw();
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    // Colours lie in the canvas: another theme draws it anew.
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resize.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lines, format]);
  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData);
  }, [data, data[0]?.length]);

  const latest = lines.map(({ label }, at) => `${label} ${latestOf(data[at + 1], format)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}: now ${latest}`} />
      {none !== undefined && isEmpty(data) ? <p class="none">{none}</p> : null}
    </figure>
  );
}

function isEmpty([, ...lines]: ChartProps["data"]): boolean {
  return lines.every((values) => values.every((value) => value === null));
}

/** Nothing measured is not a measured nought. */
function latestOf(
  values: readonly (number | null | undefined)[] | undefined,
  format: (value: number) => string,
): string {
  const latest = values?.findLast((value) => typeof value === "number");
  return typeof latest === "number" ? format(latest) : "–";
}

function optionsOf(element: HTMLElement, lines: readonly Line[], format: (value: number) => string): uPlot.Options {
  const style = getComputedStyle(element);
  const ink = style.getPropertyValue("color");
  const grid = { stroke: colourOf(element, "--line"), width: 1 };
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: ink, font, grid, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 20, 0, 0],
    cursor: { sync: { key: "queue" }, y: false, points: { size: 6 } },
    legend: { live: true },
    scales: {
      // A few minutes at least: with fewer samples a line would race across.
      x: { range: (_plot, first, last) => [Math.min(first, last - LEAST_S), last] },
      y: { range: (_plot, _least, most) => [0, Math.max(format === number ? 4 : 0.01, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 80,
        values: (_plot, instants) => labelsOf(instants),
      },
      {
        ...axis,
        size: 46,
        space: 30,
        values: (_plot, values) => values.map(format),
        ...(format === number ? {} : { incrs: STEPS_S }),
      },
    ],
    series: [
      { label: "at", value: (_plot, at: number | null) => (at === null ? "now" : clock(at * 1_000, Date.now())) },
      ...lines.map(({ label, colour }) => ({
        label,
        stroke: colourOf(element, colour),
        width: 1.5,
        // A value between two gaps has no line to be on.
        points: { show: format !== number, size: 3 },
        // Without a cursor the legend shows the latest.
        value: (plot: uPlot, value: number | null, series: number) =>
          value === null ? latestOf(plot.data[series] as (number | null)[], format) : format(value),
      })),
    ],
  };
}

/** As short as distinguishes them: seconds only where they are seconds apart, the day where the day begins. */
function labelsOf(instants: readonly number[]): string[] {
  const stepS = (instants[1] ?? 60) - (instants[0] ?? 0);
  return instants.map((at) => axisTime(at * 1_000, stepS));
}

/** A canvas knows no variables, nor the colours that depend on the theme: an element with the colour shows the result. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The last minutes as a line the size of a word; nothing to read, so nothing for screen readers. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return <svg class="spark" viewBox="0 0 80 20" aria-hidden="true" />;
  const most = Math.max(...values, 1);
  const points = values.map(
    (value, at) => `${((at / (values.length - 1)) * 78 + 1).toFixed(1)},${(18 - (value / most) * 16).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox="0 0 80 20" aria-hidden="true">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
