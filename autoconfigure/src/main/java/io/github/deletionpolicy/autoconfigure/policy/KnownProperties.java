package io.github.deletionpolicy.autoconfigure.policy;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.TablePolicy;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/**
 * The names of all properties, read from the constructors that Spring Boot binds them to.
 */
final class KnownProperties {

	/**
	 * All names without the prefix; {@code tables.*} stands for those of the tables.
	 */
	static final List<String> NAMES = namesOf(DeletionPolicyProperties.class);

	/**
	 * What can be said of a table.
	 */
	static final List<String> OF_TABLE = namesOf(TablePolicy.class);

	/**
	 * The first parts of names that have several.
	 */
	static final List<String> GROUPS = NAMES.stream()
		.filter((name) -> name.contains("."))
		.map((name) -> name.substring(0, name.indexOf('.')))
		.distinct()
		.toList();

	private KnownProperties() {
	}

	private static List<String> namesOf(Class<?> type) {
		Constructor<?> constructor = BeanUtils.getResolvableConstructor(type);
		Parameter[] parameters = constructor.getParameters();
		String[] names = BeanUtils.getParameterNames(constructor);
		List<String> found = new ArrayList<>();
		for (int i = 0; i < parameters.length; i++) {
			String name = DataObjectPropertyName.toDashedForm(names[i]);
			Class<?> value = parameters[i].getType();
			if (value.isRecord()) {
				namesOf(value).forEach((inner) -> found.add(name + "." + inner));
			}
			else {
				found.add(Map.class.isAssignableFrom(value) ? name + ".*" : name);
			}
		}
		return List.copyOf(found);
	}

}
