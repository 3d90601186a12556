package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.autoconfigure.schema.LedgerScripts;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * Names what is found by name only: the scripts of the record's tables, and classes that
 * Quartz's job store and properties spell out.
 */
class DeletionPolicyRuntimeHints implements RuntimeHintsRegistrar {

	private static final String[] OF_QUARTZ = { "io.github.deletionpolicy.purge.PurgeJob",
			"org.quartz.impl.jdbcjobstore.PostgreSQLDelegate", "org.quartz.simpl.SimpleThreadPool" };

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern(LedgerScripts.PATTERN);
		if (!ClassUtils.isPresent("org.quartz.Job", classLoader)) {
			return;
		}
		for (String type : OF_QUARTZ) {
			hints.reflection()
				.registerTypeIfPresent(classLoader, type, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS,
						MemberCategory.INVOKE_PUBLIC_METHODS);
		}
	}

}
