// Stands for the routes of two Workers on one host: /shop/... to the one, all else to the other.

interface Env {
  readonly SHOP: Fetcher;
  readonly WAREHOUSE: Fetcher;
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/shop/")) return env.WAREHOUSE.fetch(request);
    return env.SHOP.fetch(new Request(new URL(pathname.slice("/shop".length), request.url), request));
  },
} satisfies ExportedHandler<Env>;
