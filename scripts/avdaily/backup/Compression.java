package avdaily.backup;

import avdaily.base.Failure;
import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** How the parts of a backup are compressed: each is a gzip member or a zstd frame of its own. */
public enum Compression {
    GZIP(".gz", 3, 9), // a quarter less work than 4, for files a fifteenth larger
    ZSTD(".zst", 1, 22),
    NONE("", 0, 0);

    private static final int BUFFER = 1 << 16;
    private static final int READ_BUFFER = 1 << 17;
    private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
    private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    final String suffix;
    private final int defaultLevel;
    private final int highestLevel;

    Compression(String suffix, int defaultLevel, int highestLevel) {
        this.suffix = suffix;
        this.defaultLevel = defaultLevel;
        this.highestLevel = highestLevel;
    }

    /** "gzip", "zstd" or "none". */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The level to compress with.
     *
     * @param wished null for the default
     * @throws Failure (2) if there is no such level
     */
    int level(Integer wished) {
        if (wished == null) return defaultLevel;
        if (this == NONE)
            throw Failure.usage("--level says how much to compress, and --compress is none", "leave one of them out.");
        if (wished < 1 || wished > highestLevel)
            throw Failure.usage("--level is " + wished, "name a level from 1 (fast) to " + highestLevel + " (small).");
        return wished;
    }

    /** A stream that compresses into {@code out}; closing it ends the member or frame. */
    OutputStream compressing(OutputStream out, int level) throws IOException {
        return switch (this) {
            case GZIP -> new LeveledGzip(out, level);
            case ZSTD -> zstd(out, level);
            case NONE -> out;
        };
    }

    private static OutputStream zstd(OutputStream out, int level) throws IOException {
        ZstdOutputStreamNoFinalizer zstd =
                new ZstdOutputStreamNoFinalizer(out, RecyclingBufferPool.INSTANCE, level).setChecksum(true);
        return level > 1 ? zstd : zstd.setWindowLog(18).setHashLog(13); // what is looked back at stays in the caches
    }

    private static final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream out, int level) throws IOException {
            super(out, BUFFER);
            def.setLevel(level);
        }
    }

    /** The content of a compressed stream, or of one that is not; its first bytes decide, not the file's name. */
    static InputStream decompressing(InputStream source) throws IOException {
        BufferedInputStream in = source instanceof BufferedInputStream buffered
                ? buffered
                : new BufferedInputStream(source, READ_BUFFER);
        if (startsWith(in, GZIP_MAGIC))
            return new BufferedInputStream(
                    GzipCompressorInputStream.builder()
                            .setInputStream(new ShortHeaders(in))
                            .setDecompressConcatenated(true)
                            .get(),
                    READ_BUFFER);
        if (startsWith(in, ZSTD_MAGIC)) return new BufferedInputStream(new ZstdInputStream(in), READ_BUFFER);
        return in;
    }

    /** The content of a stream that is one member or frame, or not compressed; what follows may be passed over. */
    static InputStream decompressingOne(InputStream source) throws IOException {
        BufferedInputStream in = new BufferedInputStream(source, READ_BUFFER);
        if (!startsWith(in, GZIP_MAGIC)) return decompressing(in);
        return new BufferedInputStream(new GZIPInputStream(in, READ_BUFFER), READ_BUFFER);
    }

    /** The header of a member may hold a name and a remark, which are read byte by byte and kept, up to their ends. */
    private static final class ShortHeaders extends FilterInputStream {
        private int length;

        ShortHeaders(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            if (++length > BUFFER) throw new IOException("the header of a gzip member has no end");
            return super.read();
        }

        @Override
        public int read(byte[] into, int offset, int most) throws IOException {
            length = 0;
            return super.read(into, offset, most);
        }
    }

    /** Whether these bytes come next; the stream, which must support marks, still has them afterwards. */
    static boolean startsWith(InputStream in, byte[] magic) throws IOException {
        in.mark(magic.length);
        byte[] first = in.readNBytes(magic.length);
        in.reset();
        return Arrays.equals(first, magic);
    }
}
