package io.github.deletionpolicy.benchmarks.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Runs operations on several threads, each of which holds one connection at a time.
 *
 * @since 0.1
 */
public final class Load {

	private Load() {
	}

	/**
	 * Run operations as fast as they go.
	 * @param connections number of threads
	 * @param count number of operations
	 * @param operation what to do; gets a number from 0 on, each once
	 * @return how long they took
	 */
	public static Latencies run(int connections, int count, IntConsumer operation) {
		long[] nanos = new long[count];
		AtomicInteger next = new AtomicInteger();
		double seconds = Stopwatch.seconds(() -> onThreads(connections, () -> {
			for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
				long start = System.nanoTime();
				operation.accept(i);
				nanos[i] = System.nanoTime() - start;
			}
		}));
		return Latencies.of(nanos, seconds);
	}

	/**
	 * Run operations at a steady pace. Each is timed from when it was to begin, so that
	 * one that makes others wait counts for those too.
	 * @param connections number of threads
	 * @param period time between the beginnings of two operations of a thread
	 * @param goesOn says whether to begin another one
	 * @param operation what to do; gets a number from 0 on, each once
	 * @return how long they took
	 */
	public static Latencies paced(int connections, Duration period, BooleanSupplier goesOn, IntConsumer operation) {
		ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
		AtomicInteger next = new AtomicInteger();
		double seconds = Stopwatch.seconds(() -> onThreads(connections, () -> {
			long due = System.nanoTime();
			while (goesOn.getAsBoolean()) {
				operation.accept(next.getAndIncrement());
				nanos.add(System.nanoTime() - due);
				due += period.toNanos();
				LockSupport.parkNanos(due - System.nanoTime());
			}
		}));
		return Latencies.of(nanos.stream().mapToLong(Long::longValue).toArray(), seconds);
	}

	/**
	 * Do the same on several threads, and wait for all of them.
	 * @param threads number of threads
	 * @param work what each of them does
	 */
	public static void onThreads(int threads, Runnable work) {
		if (threads == 1) {
			work.run();
			return;
		}
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(work));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A thread failed: " + ex.getCause(), ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
