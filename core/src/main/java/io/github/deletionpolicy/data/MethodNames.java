package io.github.deletionpolicy.data;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Spells methods for messages.
 */
final class MethodNames {

	private MethodNames() {
	}

	static String of(Method method) {
		return of(method.getDeclaringClass(), method);
	}

	static String of(Class<?> repository, Method method) {
		return "%s.%s(%s)".formatted(repository.getName(), method.getName(),
				Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", ")));
	}

}
