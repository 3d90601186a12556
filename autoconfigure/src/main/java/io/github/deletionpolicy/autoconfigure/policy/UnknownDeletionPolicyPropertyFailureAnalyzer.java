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

	private static final String ACTION = """
			Correct the name, or remove it.

			Under %s there are: %s.

			A policy under %1$s.tables has: %s. \
			A table's name that has a dot goes into its 'table'.""".formatted(PREFIX,
			String.join(", ", KnownProperties.NAMES), String.join(", ", KnownProperties.OF_TABLE));

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
