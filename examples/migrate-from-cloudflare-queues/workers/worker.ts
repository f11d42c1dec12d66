// A Worker for Cloudflare Queues: it takes uploads and makes thumbnails of them later. Not a word of edgeq is in it.

interface Upload {
  readonly name: string;
  readonly bytes: number;
}

interface Env {
  readonly UPLOADS: Queue<Upload>;
  readonly BROKEN: Queue<Upload>;
  /** Where the thumbnails go. */
  readonly STORE: Fetcher;
}

export default {
  async fetch(request, env) {
    const uploads = await request.json<Upload[]>();
    await env.UPLOADS.sendBatch(uploads.map((body) => ({ body })));
    return Response.json({ queued: uploads.length });
  },

  async queue(batch, env) {
    for (const message of batch.messages) {
      const { name, bytes } = message.body;
      if (batch.queue === "broken-uploads") {
        await env.STORE.fetch(`http://store/broken/${name}`);
        message.ack();
      } else if (bytes === 0) {
        message.retry();
      } else {
        await env.STORE.fetch(`http://store/thumbnail/${name}/attempt-${message.attempts}`);
        message.ack();
      }
    }
  },
} satisfies ExportedHandler<Env, Upload>;
