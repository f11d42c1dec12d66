// A chart from its description: vega-lite compiles it, vega draws it without a browser, as SVG.
import { Error as errorsOnly, logger, parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** Edgeq's own, its peers', and those of them that keep nothing on disk. */
export const colours = {
  edgeq: "#c2410c",
  peer: "#475569",
  memory: "#cbd5e1",
  second: "#0f766e",
  third: "#7c3aed",
} as const;

/** Words are measured by the viewer: a font that every system has, and no colour scheme but its own background. */
const config = {
  background: "white",
  font: "Helvetica, Arial, sans-serif",
  axis: {
    labelLimit: 320,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    gridColor: "#e5e7eb",
    domainColor: "#9ca3af",
  },
  header: { labelFontSize: 13, labelFontWeight: "bold" },
  legend: { labelLimit: 320, labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal" },
  view: { stroke: null },
} as const;

export async function chartSvg(spec: TopLevelSpec): Promise<string> {
  const withConfig = { padding: 12, ...spec, config: { ...config, ...spec.config } } as TopLevelSpec;
  // It warns of independent scales of layered panels, which is what they are meant to be.
  const { spec: compiled } = compile(withConfig, { logger: logger(errorsOnly) });
  const view = new View(parse(compiled), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
