// The receiver of registrations: the object that knows which queues exist.

/** No queue can have this name. */
export const DIRECTORY = "@directory";
