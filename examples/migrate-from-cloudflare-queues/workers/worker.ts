// A Worker for Cloudflare Queues: it takes uploads and makes thumbnails of them later. Not a word of edgeq is in it.

interface Upload {
  /** Which upload of a folder it is one of. */
  readonly folder: string;
  readonly name: string;
  readonly bytes: number;
}

interface Env {
  readonly UPLOADS: Queue<Upload>;
  readonly BROKEN: Queue<Upload>;
  /** Where the thumbnails go. */
  readonly STORE: R2Bucket;
}

export default {
  /** A POST uploads; a GET of /FOLDER/ lists what has come of it. */
  async fetch(request, env) {
    if (request.method === "GET") {
      const { objects } = await env.STORE.list({ prefix: new URL(request.url).pathname.slice(1) });
      return Response.json(objects.map(({ key }) => key));
    }
    const uploads = await request.json<Upload[]>();
    await env.UPLOADS.sendBatch(uploads.map((body) => ({ body })));
    return Response.json({ queued: uploads.length });
  },

  async queue(batch, env) {
    for (const message of batch.messages) {
      const { folder, name, bytes } = message.body;
      if (batch.queue === "broken-uploads") {
        await env.STORE.put(`${folder}/broken/${name}`, "");
        message.ack();
      } else if (bytes === 0) {
        message.retry();
      } else {
        await env.STORE.put(`${folder}/thumbnail/${name}/attempt-${message.attempts}`, "a thumbnail");
        message.ack();
      }
    }
  },
} satisfies ExportedHandler<Env, Upload>;
