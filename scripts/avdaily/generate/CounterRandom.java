package avdaily.generate;

import java.nio.charset.StandardCharsets;

/**
 * Values without state: each is a function of the seed, a stream (table and column, by name) and a row. So rows can be
 * made in any order and on any thread, and a column more changes no other one.
 */
public final class CounterRandom {
    /** Part of every value: goes up whenever the same seed would give other data. */
    public static final int VERSION = 1;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;

    public CounterRandom(long seed) {
        this.seed = mix64(seed + GOLDEN * VERSION);
    }

    /** A stream's number, from its name alone (FNV-1a): table.column, or what else it decides. */
    public static long stream(String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b) * 0x100000001B3L;
        return mix64(hash);
    }

    /** The finishing step of SplitMix64: a bijection of 64 bits in which every bit depends on every bit. */
    static long mix64(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    public long bits(long stream, long row) {
        return mix64(mix64(seed ^ stream) + row * GOLDEN);
    }

    /** From 0 to bound - 1. */
    public int below(int bound, long stream, long row) {
        return (int) ((bits(stream, row) >>> 32) * bound >>> 32);
    }

    /** From 0 to just under 1, in steps that every machine has alike. */
    public double unit(long stream, long row) {
        return (bits(stream, row) >>> 11) * 0x1.0p-53;
    }

    /** The place in {@code weights} that is drawn, each as likely as it is heavy. */
    public int weighted(int[] weights, long stream, long row) {
        int sum = 0;
        for (int weight : weights) sum += weight;
        int at = below(sum, stream, row);
        int place = 0;
        while (at >= weights[place]) at -= weights[place++];
        return place;
    }

    public <T> T pick(T[] values, long stream, long row) {
        return values[below(values.length, stream, row)];
    }

    /**
     * A bijection of the numbers of 2 x {@code half} bits (a Feistel network): what comes from different numbers is
     * different.
     */
    public long shuffled(int half, long stream, long number) {
        long mask = (1L << half) - 1;
        long left = number >>> half & mask;
        long right = number & mask;
        for (int round = 0; round < 4; round++) {
            long next = left ^ bits(stream + round, right) & mask;
            left = right;
            right = next;
        }
        return left << half | right;
    }

    /** A bijection of the numbers from 0 to {@code size} - 1: walks the network until it is back among them. */
    public long shuffledBelow(long size, long stream, long number) {
        int half = (65 - Long.numberOfLeadingZeros(Math.max(1, size - 1))) / 2;
        long walked = shuffled(half, stream, number);
        while (walked >= size) walked = shuffled(half, stream, walked);
        return walked;
    }

    /**
     * The high half of a row's UUID (version 4 by its looks): 60 bits from the row's number, so no two rows of a stream
     * share it.
     */
    public long uuidHigh(long stream, long row) {
        long bits = shuffled(30, stream, row);
        return bits >>> 12 << 16 | 0x4000 | bits & 0xFFF;
    }

    public long uuidLow(long stream, long row) {
        return bits(stream, row) >>> 2 | 0x8000000000000000L;
    }
}
