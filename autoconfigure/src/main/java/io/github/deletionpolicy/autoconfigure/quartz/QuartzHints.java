package io.github.deletionpolicy.autoconfigure.quartz;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * Takes classes into a native image that Quartz' job store and properties name.
 */
class QuartzHints implements RuntimeHintsRegistrar {

	private static final String[] OF_QUARTZ = { "io.github.deletionpolicy.purge.PurgeJob",
			"org.quartz.impl.jdbcjobstore.PostgreSQLDelegate", "org.quartz.simpl.SimpleThreadPool" };

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
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
