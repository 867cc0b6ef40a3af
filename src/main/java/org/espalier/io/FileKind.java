package org.espalier.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.espalier.Internal;

/**
 * What a file is, by how it begins: what people give in place of a model file. Asked only of files
 * that don't begin as safetensors do, because a length of a header can look like anything.
 */
@Internal
public enum FileKind {
  EMPTY("empty") {
    @Override
    boolean begins(byte[] head) {
      return head.length == 0;
    }
  },
  LFS_POINTER("a Git LFS pointer, whose content has yet to be fetched (git lfs pull)") {
    @Override
    boolean begins(byte[] head) {
      return text(head).startsWith("version https://git-lfs.github.com/spec/");
    }
  },
  GZIP("a gzip file, which has to be unpacked first") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 0x1f, 0x8b);
    }
  },
  /** A zip of a pickle and tensors, or before PyTorch 1.6 a pickle that begins with this number. */
  PYTORCH("a PyTorch checkpoint") {
    @Override
    boolean begins(byte[] head) {
      return (starts(head, 0, 'P', 'K', 3, 4) && text(head).contains("data.pkl"))
          || starts(head, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50);
    }

    @Override
    public String refusal(String file, String expected) {
      return super.refusal(file, expected) + "; convert it: " + conversion(file);
    }
  },
  NUMPY("a NumPy file") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 0x93, 'N', 'U', 'M', 'P', 'Y')
          || (starts(head, 0, 'P', 'K', 3, 4) && text(head).contains(".npy"));
    }
  },
  ZIP("a zip archive") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 'P', 'K', 3, 4);
    }
  },
  HDF5("an HDF5 file (Keras?)") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n');
    }
  },
  TFLITE("a TensorFlow Lite file") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 4, 'T', 'F', 'L', '3');
    }
  },
  GGUF("a GGUF file") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 'G', 'G', 'U', 'F');
    }
  },
  HTML("an HTML page (of a download that went wrong?)") {
    @Override
    boolean begins(byte[] head) {
      String start = text(head).strip().toLowerCase(Locale.ROOT);
      return start.startsWith("<!doctype html") || start.startsWith("<html");
    }
  },
  IMAGE("an image") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 0x89, 'P', 'N', 'G') || starts(head, 0, 0xff, 0xd8, 0xff);
    }
  },
  /** Of a protocol of numbered fields: the format's version, then text or a message. */
  ONNX("an ONNX file") {
    @Override
    boolean begins(byte[] head) {
      return head.length > 2
          && head[0] == 0x08
          && head[1] > 0
          && head[1] < 32
          && ONNX_FIELDS.contains(head[2]);
    }
  },
  PICKLE("a Python pickle (PyTorch or scikit-learn?)") {
    @Override
    boolean begins(byte[] head) {
      return starts(head, 0, 0x80) && head.length > 2 && head[1] > 0 && head[1] < 6;
    }
  };

  /** Bytes that are enough to tell. */
  public static final int HEAD = 512;

  /** Second fields of an ONNX model: producer, its version, domain, number, text, graph, sets. */
  private static final Set<Byte> ONNX_FIELDS =
      Set.of(
          (byte) 0x12,
          (byte) 0x1a,
          (byte) 0x22,
          (byte) 0x28,
          (byte) 0x32,
          (byte) 0x3a,
          (byte) 0x42);

  private static final Pattern PLAIN = Pattern.compile("[\\w./+@=-]{1,300}");
  private static final Pattern SUFFIX = Pattern.compile("(?<=[^/])\\.\\w{1,5}$");

  private final String description;

  FileKind(String description) {
    this.description = description;
  }

  /** Returns the kind of a file that begins so, if it is known. */
  public static Optional<FileKind> of(byte[] head) {
    for (FileKind kind : values()) {
      if (kind.begins(head)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns what a file is that begins as safetensors do: with the length of a JSON object.
   *
   * @param size of the file in bytes
   */
  public static Optional<String> safetensors(byte[] head, long size) {
    if (head.length <= Long.BYTES || head[Long.BYTES] != '{') {
      return Optional.empty();
    }
    long header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header >= 2 && header <= size - Long.BYTES
        ? Optional.of("a safetensors file")
        : Optional.empty();
  }

  /** Whether a file of this kind begins so. */
  abstract boolean begins(byte[] head);

  /** Returns what it is, with an article. */
  public String description() {
    return description;
  }

  /**
   * Returns what to say of a file of this kind that is in the place of another.
   *
   * @param expected what it should be, with an article
   */
  public String refusal(String file, String expected) {
    return file + ": is " + description + "; expected " + expected;
  }

  /** Returns two lines of Python as one command; a name that needs quoting is left to the user. */
  private static String conversion(String file) {
    String from = PLAIN.matcher(file).matches() ? file : "FILE.pt";
    return "python -c \"import torch, safetensors.torch; safetensors.torch.save_file(torch.load('"
        + from
        + "', map_location='cpu', weights_only=True), '"
        + SUFFIX.matcher(from).replaceFirst("")
        + ".safetensors')\"";
  }

  private static boolean starts(byte[] head, int at, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (at + i >= head.length || (head[at + i] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private static String text(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1);
  }
}
