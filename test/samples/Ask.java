import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * Asks through `comity bridge`, which signs: for a system of Java 8, with nothing but what Java 8 has.
 *
 *     comity bridge --as FR-SPOC &
 *     javac Ask.java && java Ask http://127.0.0.1:8790 officer-7 4711 request.json
 *
 * `4711` is the question's number in your own system. Ask again under it, and it is the same question.
 */
public class Ask {
  public static void main(String[] args) throws Exception {
    byte[] body = Files.readAllBytes(Paths.get(args[3]));
    URL url = new URL(args[0] + "/v1/access-requests");
    for (int tries = 1; ; tries++) {
      HttpURLConnection call = (HttpURLConnection) url.openConnection();
      call.setRequestMethod("POST");
      call.setRequestProperty("Comity-Officer", args[1]);
      call.setRequestProperty("Idempotency-Key", args[2]);
      call.setRequestProperty("Content-Type", "application/json");
      // The bridge goes on trying for two minutes, and then says what it heard last.
      call.setReadTimeout(150_000);
      call.setDoOutput(true);
      try (OutputStream out = call.getOutputStream()) {
        out.write(body);
      }
      int status = call.getResponseCode();
      String answer = text(status < 400 ? call.getInputStream() : call.getErrorStream());
      if (status >= 500 && tries < 5) {
        Thread.sleep(10_000);
        continue;
      }
      System.out.println(answer);
      // A refusal is an answer, too: 201, or 200 if it was asked before.
      System.exit(status < 400 ? 0 : 1);
    }
  }

  private static String text(InputStream in) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = new byte[4096];
    for (int size; in != null && (size = in.read(part)) >= 0; ) all.write(part, 0, size);
    return all.toString("UTF-8");
  }
}
