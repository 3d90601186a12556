package io.github.deletionpolicy.sample.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A bar chart in the units of its SVG.
 *
 * @param bars one bar per interval, the oldest first
 * @param rows marks of the vertical axis, in rows
 * @param seconds marks of the horizontal axis, in seconds before now
 * @param total rows in all bars together
 */
record PurgeChart(List<Bar> bars, List<Mark> rows, List<Mark> seconds, long total) {

	/** Leaves room for five digits. The axes of the page stand at the same place. */
	private static final int LEFT = 56;

	private static final int TOP = 12;

	private static final int WIDTH = 300;

	private static final int HEIGHT = 130;

	private static final int MARKS = 4;

	static PurgeChart of(List<Long> perInterval, long secondsPerInterval) {
		long top = top(perInterval.stream().mapToLong(Long::longValue).max().orElse(0));
		double width = (double) WIDTH / perInterval.size();
		List<Bar> bars = new ArrayList<>();
		for (int i = 0; i < perInterval.size(); i++) {
			double height = (double) HEIGHT * perInterval.get(i) / top;
			bars.add(new Bar(round(LEFT + i * width + 1), round(TOP + HEIGHT - height), round(width - 2), round(height),
					perInterval.get(i)));
		}
		long length = perInterval.size() * secondsPerInterval;
		return new PurgeChart(bars,
				IntStream.rangeClosed(0, MARKS)
					.mapToObj((i) -> new Mark(round(TOP + HEIGHT - (double) HEIGHT * i / MARKS), top * i / MARKS))
					.toList(),
				IntStream.rangeClosed(0, MARKS)
					.mapToObj((i) -> new Mark(round(LEFT + (double) WIDTH * i / MARKS), length - length * i / MARKS))
					.toList(),
				perInterval.stream().mapToLong(Long::longValue).sum());
	}

	/**
	 * The smallest of 4, 8, 20, 40, 80, 200 and so on that is not below: a quarter of it
	 * is a whole number.
	 */
	private static long top(long highest) {
		for (long power = MARKS;; power *= 10) {
			for (long factor : new long[] { 1, 2, 5 }) {
				if (power * factor >= highest) {
					return power * factor;
				}
			}
		}
	}

	private static double round(double value) {
		return Math.round(value * 10) / 10.0;
	}

	/**
	 * One bar.
	 *
	 * @param x its left side
	 * @param y its upper side
	 * @param width its width
	 * @param height its height
	 * @param rows what it stands for
	 */
	record Bar(double x, double y, double width, double height, long rows) {

	}

	/**
	 * A mark on an axis.
	 *
	 * @param at where
	 * @param value what it says
	 */
	record Mark(double at, long value) {

	}

}
