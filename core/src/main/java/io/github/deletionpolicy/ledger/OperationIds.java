package io.github.deletionpolicy.ledger;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes identifiers that grow with time (version 7), so that the ledger's index grows at
 * its end. Nothing else is read from them: a wrong clock costs locality only.
 */
public final class OperationIds {

	private OperationIds() {
	}

	/**
	 * Make a new identifier.
	 * @return the identifier
	 */
	public static UUID next() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		long high = (System.currentTimeMillis() << 16) | 0x7000L | (random.nextInt() & 0xfffL);
		long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
		return new UUID(high, low);
	}

}
