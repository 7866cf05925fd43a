package io.callwire.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A self-signed certificate for 127.0.0.1.
 *
 * @param pem the certificate
 * @param keyPem its key
 */
public record Certificate(Path pem, Path keyPem) {
  private static final String PASSWORD = "changeit";

  /** Makes it with the JDK's keytool, in a folder. */
  public static Certificate make(Path folder, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias", "it",
                "-keyalg", "EC",
                "-dname", "CN=" + name,
                "-ext", "SAN=ip:127.0.0.1",
                "-validity", "2",
                "-storetype", "PKCS12",
                "-keystore", store.toString(),
                "-storepass", PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes());
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed: " + said);
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Path pem = write(folder.resolve(name + ".pem"), "CERTIFICATE", keys.getCertificate("it").getEncoded());
    byte[] key = keys.getKey("it", PASSWORD.toCharArray()).getEncoded();
    return new Certificate(pem, write(folder.resolve(name + "-key.pem"), "PRIVATE KEY", key));
  }

  private static Path write(Path file, String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }
}
