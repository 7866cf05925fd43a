/** An authority of the test's own, which issues certificates to the second and revokes them. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const settings = (folder: string): string => `
[ca]
default_ca = own
[own]
dir = ${folder}
database = ${folder}/index.txt
new_certs_dir = ${folder}
serial = ${folder}/serial
default_md = sha256
default_crl_days = 1
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

/** As certificates tell times. */
const asn1 = (time: Date): string => `${time.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export class Authority {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(join(folder, "ca.cnf"), settings(folder));
    writeFileSync(join(folder, "index.txt"), "");
    writeFileSync(join(folder, "serial"), "01\n");
    this.#openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority");
    this.tellRevoked();
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }

  #ca(...args: string[]): void {
    this.#openssl("ca", "-config", "ca.cnf", "-batch", "-notext", "-cert", "ca.pem", "-keyfile", "ca.key", ...args);
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  issue(name: string, ends = new Date(Date.now() + 24 * 3600 * 1000)): void {
    const names = `subjectAltName=DNS:localhost,IP:127.0.0.1`;
    const request = ["-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`, "-addext", names];
    this.#openssl("req", ...newKey, ...request);
    this.#ca("-in", `${name}.csr`, "-out", `${name}.pem`, "-enddate", asn1(ends));
  }

  revoke(name: string): void {
    this.#ca("-revoke", `${name}.pem`);
  }

  /** Writes the list of what is revoked. */
  tellRevoked(): void {
    this.#ca("-gencrl", "-out", "revoked.pem");
  }

  /** What a client needs to be this one. */
  identity(name: string): { ca: Buffer; cert: Buffer; key: Buffer } {
    const read = (file: string): Buffer => readFileSync(this.path(file));
    return { ca: read("ca.pem"), cert: read(`${name}.pem`), key: read(`${name}.key`) };
  }
}
