package io.github.deletionpolicy.ledger;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

/**
 * How far an asynchronous delete has come. Nobody else goes on with it until the
 * transaction ends that has claimed it.
 *
 * @param delete what it is to do
 * @param firstKey the lowest key when it was accepted, as texts
 * @param lastKey the highest one, where the walk ends
 * @param afterKey the highest key that was visited; {@code null} if none was
 * @param estimatedRows how many rows the walk was thought to have
 * @param visited how many it has visited
 * @param fraction the share of the walk that is done
 * @param leftKeys keys of rows that could not be deleted yet
 * @param attempts how often those were tried again
 * @since 0.1
 */
public record AsyncClaim(AsyncDelete delete, List<String> firstKey, List<String> lastKey,
		@Nullable List<String> afterKey, long estimatedRows, long visited, double fraction, List<List<String>> leftKeys,
		int attempts) {

	/**
	 * Only a delete whose every row was visited, and none is left, is wholly done.
	 */
	private static final double ALMOST = 0.999;

	static List<List<String>> grouped(List<String> texts, int columns) {
		List<List<String>> keys = new ArrayList<>();
		for (int i = 0; i + columns <= texts.size(); i += columns) {
			keys.add(List.copyOf(texts.subList(i, i + columns)));
		}
		return keys;
	}

	/**
	 * Say which share of the walk is done: of the numbers between the first key and the
	 * last one where the key is a number, else of the rows that the table was thought to
	 * have. It never goes back.
	 * @param table the table
	 * @param upTo the key that was reached
	 * @param rows how many rows were visited to get there
	 * @return the share, below 1
	 */
	double fractionAt(Table table, List<String> upTo, long rows) {
		double reached = (table.key().size() == 1 && table.key().get(0).type().isInteger()) ? shareOfNumbers(upTo)
				: (double) (this.visited + rows) / Math.max(1, this.estimatedRows);
		return Math.max(this.fraction, Math.min(reached, ALMOST));
	}

	private double shareOfNumbers(List<String> upTo) {
		BigInteger first = new BigInteger(this.firstKey.get(0));
		BigInteger length = new BigInteger(this.lastKey.get(0)).subtract(first).add(BigInteger.ONE);
		BigInteger done = new BigInteger(upTo.get(0)).subtract(first).add(BigInteger.ONE);
		return new BigDecimal(done).divide(new BigDecimal(length), 6, RoundingMode.DOWN).doubleValue();
	}

}
