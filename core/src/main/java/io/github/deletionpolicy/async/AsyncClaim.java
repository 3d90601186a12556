package io.github.deletionpolicy.async;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.rows.KeyRange;

/**
 * How far an asynchronous delete has come. Nobody else goes on with it until the
 * transaction ends that has claimed it.
 *
 * @param delete what it is to do
 * @param rest what is left of the walk
 * @param leftKeys keys of rows that could not be deleted yet
 * @param attempts how often those were tried again
 * @since 0.1
 */
public record AsyncClaim(AsyncDelete delete, KeyRange rest, List<List<String>> leftKeys, int attempts) {

	static List<List<String>> grouped(List<String> texts, int columns) {
		List<List<String>> keys = new ArrayList<>();
		for (int i = 0; i + columns <= texts.size(); i += columns) {
			keys.add(List.copyOf(texts.subList(i, i + columns)));
		}
		return keys;
	}

}
