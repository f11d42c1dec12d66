// Orders go from one Worker to the other, through a queue in a third one. `npm run workers` runs them.

const url = process.env["WORKERS_URL"] ?? "http://127.0.0.1:8790";

const order = (queue: string, count: number): Promise<Response> =>
  fetch(`${url}/shop/${queue}`, { method: "POST", body: JSON.stringify({ item: "pen", count }) });

const accepted = await Promise.all(Array.from({ length: 20 }, (_, count) => order("orders-eu", count)));
console.log(`shop: ${accepted.filter(({ status }) => status === 202).length} orders accepted`);
const refused = await order("payroll", 1);
console.log(`shop, into payroll: ${refused.status} ${await refused.text()}`);
const taken = await (await fetch(`${url}/warehouse/`)).text();
console.log(`warehouse: ${taken}`);
if (refused.status !== 403 || taken !== '{"orders":20,"items":190}') throw new Error("not what was expected");
