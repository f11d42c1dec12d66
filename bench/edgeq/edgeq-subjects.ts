// edgeq, by each of the ways in that it offers.
import { subjectOfPeer } from "../measure/subject-of-peer.ts";
import type { Subject } from "../measure/subject.ts";
import { edgeqClient } from "./edgeq-client.ts";
import { edgeqHttp } from "./edgeq-http.ts";
import { edgeqSocket } from "./edgeq-socket.ts";

export const subjects: readonly Subject[] = [edgeqHttp, edgeqSocket, edgeqClient].map(subjectOfPeer);
