package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.annotation.Order;

/**
 * Names the properties that exist when one was written that does not. Spring Boot's own
 * analyser only names the one that does not.
 */
@Order(0)
final class UnknownDeletionPolicyPropertyFailureAnalyzer
		extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName
		.of(DeletionPolicyProperties.PREFIX);

	static final List<String> KNOWN = List.of("enabled", "defaults.deletion-time-column", "endpoint.roles",
			"endpoint.show-values", "health.late-after", "health.paused-after", "health.problem-status", "tables.*",
			"purge.brake-after", "purge.enabled", "purge.interval", "purge.batch-size", "purge.concurrency",
			"purge.max-rows-per-second", "purge.max-runtime", "purge.retry-delay", "repositories.derived-deletes",
			"repositories.enabled", "retention", "schema.enabled", "schema.name", "validation");

	static final List<String> KNOWN_OF_TABLE = List.of("table", "mode", "delay", "hold-condition",
			"deletion-time-column", "live-view");

	private static final String ACTION = """
			Correct the name, or remove it.

			Under %s there are: %s.

			A policy under %1$s.tables has: %s. \
			A table's name that has a dot goes into its 'table'.""".formatted(PREFIX, String.join(", ", KNOWN),
			String.join(", ", KNOWN_OF_TABLE));

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		List<String> unknown = new ArrayList<>();
		for (ConfigurationProperty property : cause.getUnboundProperties()) {
			if (!PREFIX.isAncestorOf(property.getName())) {
				return null;
			}
			Origin origin = property.getOrigin();
			String written = (origin instanceof PropertySourceOrigin inSource) ? inSource.getPropertyName()
					: property.getName().toString();
			unknown.add("%s (%s)".formatted(written, OriginText.of(origin)));
		}
		return new FailureAnalysis("No such property: %s.".formatted(String.join(", ", unknown)), ACTION, cause);
	}

}
