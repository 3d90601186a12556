package io.github.deletionpolicy.autoconfigure.schema;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Takes the ledger's scripts into a native image: they are found by name only.
 */
class LedgerScriptHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern(LedgerScripts.PATTERN);
	}

}
