package io.github.deletionpolicy.autoconfigure.policy;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedResource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/**
 * Says where a property was written, in a phrase such as {@code application.yml, line 12}
 * or {@code environment variable X}.
 */
final class OriginText {

	private OriginText() {
	}

	static String of(@Nullable Origin origin) {
		if (origin == null) {
			return "an unknown place";
		}
		if (origin instanceof PropertySourceOrigin inSource) {
			Origin actual = inSource.getOrigin();
			return (actual != null && !(actual instanceof SystemEnvironmentOrigin)) ? of(actual)
					: of(inSource.getPropertySource(), inSource.getPropertyName());
		}
		if (origin instanceof TextResourceOrigin text) {
			Resource resource = text.getResource();
			TextResourceOrigin.Location location = text.getLocation();
			if (resource != null && location != null) {
				return "%s, line %d".formatted(path(resource), location.getLine() + 1);
			}
		}
		return origin.toString();
	}

	private static String of(PropertySource<?> source, String property) {
		if (source instanceof SystemEnvironmentPropertySource) {
			return "environment variable " + property;
		}
		if (source instanceof CommandLinePropertySource) {
			return "command-line option --" + property;
		}
		if (source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)) {
			return "system property " + property;
		}
		return "property source '%s'".formatted(source.getName());
	}

	private static String path(Resource resource) {
		if (resource instanceof OriginTrackedResource tracked) {
			return path(tracked.getResource());
		}
		if (resource instanceof ClassPathResource onClassPath) {
			return onClassPath.getPath();
		}
		try {
			return resource.isFile() ? resource.getFile().getPath() : resource.getDescription();
		}
		catch (IOException ex) {
			return resource.getDescription();
		}
	}

}
