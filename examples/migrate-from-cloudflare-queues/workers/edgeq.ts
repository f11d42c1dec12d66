// edgeq as a Worker of its own: everything comes from the package.

export { default } from "edgeq/worker";
export { CloudflareQueue, DirectoryObject, QueueObject, QueueService } from "edgeq/worker";
