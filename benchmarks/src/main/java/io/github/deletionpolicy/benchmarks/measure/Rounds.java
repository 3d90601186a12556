package io.github.deletionpolicy.benchmarks.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Figures of contenders that took turns, so that none of them had the quieter machine.
 *
 * @param <T> a figure, or several of one turn
 * @since 0.1
 */
public final class Rounds<T> {

	private final List<List<T>> figures = new ArrayList<>();

	private Rounds(int contenders) {
		for (int i = 0; i < contenders; i++) {
			this.figures.add(new ArrayList<>());
		}
	}

	/**
	 * Let contenders take turns. A first round warms up and does not count.
	 * @param repetitions number of rounds that count
	 * @param progress is told before each round
	 * @param contenders what each of them does in its turn; returns its figure
	 * @param <T> a figure, or several of one turn
	 * @return the figures
	 */
	public static <T> Rounds<T> take(int repetitions, Runnable progress, List<Supplier<T>> contenders) {
		Rounds<T> rounds = new Rounds<>(contenders.size());
		for (int round = 0; round <= repetitions; round++) {
			progress.run();
			for (int i = 0; i < contenders.size(); i++) {
				T figure = contenders.get(i).get();
				if (round > 0) {
					rounds.figures.get(i).add(figure);
				}
			}
		}
		return rounds;
	}

	/**
	 * Return the median of a contender.
	 * @param contender its number, from 0 on
	 * @param figure which figure
	 * @return the median
	 */
	public double median(int contender, ToDoubleFunction<T> figure) {
		return median(this.figures.get(contender).stream().mapToDouble(figure).boxed().toList());
	}

	/**
	 * Return the median.
	 * @param values the values, at least one
	 * @return the median; of an even number of values, the greater of the middle ones
	 */
	public static double median(List<Double> values) {
		return values.stream().sorted().toList().get(values.size() / 2);
	}

}
