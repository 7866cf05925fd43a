/** Where the code of a thread is: beside its starter, compiled when the starter is. */
import { extname } from "node:path";

/** @param starter `import.meta.url` of the file that starts the thread */
export function threadFile(name: string, starter: string): URL {
  return new URL(`./${name}${extname(starter)}`, starter);
}
